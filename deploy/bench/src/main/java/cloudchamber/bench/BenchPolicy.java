package cloudchamber.bench;

import cloudchamber.policy.StepGenerator;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.SimulatedLatency;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A policy that writes words drawn from the step's seed, in the time a law says. */
final class BenchPolicy implements StepGenerator {
    private static final String[] WORDS = {
        "the", "sum", "of", "both", "sides", "is", "so", "we", "have", "therefore", "subtract", "from", "seven", "and",
        "multiply", "by", "three", "then", "divide", "what", "remains", "equals", "x", "plus", "42", "17", "-", "="
    };
    private static final int CONTEXT_TOKENS = 1 << 20;

    private static final AtomicLong REPEATED = new AtomicLong();

    private final ServedModel model;
    private final int characters;
    private final SimulatedLatency latency;

    /** @param characters of each step's text, at least */
    BenchPolicy(int slots, int characters, SimulatedLatency latency) {
        this.model = model(slots);
        this.characters = characters;
        this.latency = latency;
    }

    static ServedModel model(int slots) {
        return new ServedModel(
                Workload.MODEL,
                "00",
                "none",
                new NumericsClass("simulated", "any", "00", "exact"),
                slots,
                CONTEXT_TOKENS);
    }

    @Override
    public ServedModel model() {
        return model;
    }

    /** Steps that this process was asked for after another try had been lost. */
    static long repeated() {
        return REPEATED.get();
    }

    @Override
    public CompletableFuture<ExtendResult> run(ExtendRequest request) {
        if (request.key().attempt() > 1) {
            REPEATED.incrementAndGet();
        }
        return latency.after(
                request.seed(),
                () -> new ExtendResult.Generated(request.key(), request.lease(), step(request.seed()), Usage.NONE),
                () -> new ExtendResult.NotExtended(
                        request.key(),
                        request.lease(),
                        new Refusal(Refusal.Category.STOPPING, "the backend is closed"),
                        Usage.NONE));
    }

    private Step step(long seed) {
        return new Step(text(characters, seed), List.of(), StepEnd.STEP, StepLimit.NONE, 0, 0);
    }

    /** What the step drawn from {@code seed} says. */
    static String text(int characters, long seed) {
        var random = new CounterRandom(seed);
        var text = new StringBuilder(characters + 16);
        while (text.length() < characters) {
            text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
        }
        return text.append("\n\n").toString();
    }

    @Override
    public void close() {
        latency.close();
    }
}
