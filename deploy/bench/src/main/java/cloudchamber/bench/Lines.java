package cloudchamber.bench;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.StepKey;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Lines of steps, each asking for its next step when it has got one: as many in flight as there are lines. */
final class Lines {
    private static final String JOB = "lines";
    private static final Prompt PROMPT = Prompt.question("Evaluate 17 + 26.");

    /**
     * One step that came.
     *
     * @param askedNanos when it was asked for
     */
    record Came(StepKey key, long seed, long askedNanos, long cameNanos) {}

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private Lines() {}

    /** Lines that run for ever. */
    static void start(
            BenchNode node, ActorRef<Dispatcher.Command> dispatcher, int lines, long seed, Consumer<Came> came) {
        int first = NUMBER.getAndAdd(lines);
        for (int line = first; line < first + lines; line++) {
            node.spawn(line("line-" + line, line, dispatcher, seed, came), "line-" + line);
        }
    }

    private static Behavior<WorkResult> line(
            String problem, int order, ActorRef<Dispatcher.Command> dispatcher, long seed, Consumer<Came> came) {
        return Behaviors.setup(context -> {
            var streams = RandomStreams.of(seed, problem);
            long[] asked = {System.nanoTime()};
            dispatcher.tell(submit(problem, order, 0, streams, context.getSelf()));
            return Behaviors.receiveMessage(result -> {
                switch (result) {
                    case WorkResult.Extended(var key, var step, var usage, var numericsClass, var slotMillis) -> {
                        long now = System.nanoTime();
                        came.accept(new Came(key, seed(streams, key.round()), asked[0], now));
                        asked[0] = now;
                        dispatcher.tell(submit(problem, order, key.round() + 1, streams, context.getSelf()));
                    }
                    case WorkResult.Scored scored -> {}
                    case WorkResult.Failed failed ->
                        throw new BenchmarkFailure(
                                "a step failed: " + failed.refusal().detail());
                    case WorkResult.Wasted wasted -> {}
                }
                return Behaviors.same();
            });
        });
    }

    private static long seed(RandomStreams streams, int round) {
        return streams.seed(0, 0, round, 0, Purpose.EXTEND);
    }

    private static Dispatcher.Submit submit(
            String problem, int order, int round, RandomStreams streams, ActorRef<WorkResult> self) {
        var work = new Work.Extension(
                new StepKey(JOB, problem, 0, 0, round, 0, Purpose.EXTEND),
                Workload.MODEL,
                PROMPT,
                new NodeReference(JOB, problem, round + 1),
                new NodeReference(JOB, problem, 0),
                List.of(),
                Sampling.atTemperature(1),
                seed(streams, round),
                List.of("\n\n"),
                512,
                4096);
        return new Dispatcher.Submit(JOB, problem, order, List.of(work), self);
    }
}
