package cloudchamber.bench;

import cloudchamber.prm.StepScorer;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.SimulatedLatency;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A PRM whose scores are drawn from the step's text, in the time a law says. */
final class BenchPrm implements StepScorer {
    private final ServedModel model;
    private final SimulatedLatency latency;

    BenchPrm(int slots, SimulatedLatency latency) {
        this.model = BenchPolicy.model(slots);
        this.latency = latency;
    }

    @Override
    public ServedModel model() {
        return model;
    }

    @Override
    public CompletableFuture<ScoreResult> run(ScoreRequest request) {
        int text = request.prefix().getLast().text().hashCode();
        return latency.after(
                text,
                () -> new ScoreResult.PrefixScored(
                        request.key(), request.lease(), List.of(new CounterRandom(text).nextGaussian()), Usage.NONE),
                () -> new ScoreResult.NotScored(
                        request.key(),
                        request.lease(),
                        new Refusal(Refusal.Category.STOPPING, "the backend is closed"),
                        Usage.NONE));
    }

    @Override
    public void close() {
        latency.close();
    }
}
