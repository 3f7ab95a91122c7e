package cloudchamber.bench;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.Role;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;

/** The transport drops a frame that is too large without a word to anybody: whoever waits learns of it all the same. */
class DroppedFrameTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String WORK_PATIENCE = "5 s";
    /** A legal step, and too large for the worker's frames here. */
    private static final int CHARACTERS = 40_000;

    @Test
    void aReplyThatIsDroppedFailsTyped() {
        try (var coordinator = BenchNode.start(
                        Role.COORDINATOR.id(), 0, Map.of("cloudchamber.dispatch.patience", WORK_PATIENCE));
                var worker = BenchNode.start(
                        Role.POLICY.id(),
                        coordinator.port(),
                        Map.of("pekko.remote.artery.advanced.maximum-frame-size", "32 KiB"))) {
            worker.startPolicy(1, CHARACTERS, new Law.Constant(0));
            var dispatcher = coordinator.startDispatcher();
            coordinator.awaitWorkers(dispatcher, 1);
            var result = new CompletableFuture<WorkResult>();

            dispatcher.tell(submit(coordinator.spawn(
                    Behaviors.receiveMessage(came -> {
                        result.complete(came);
                        return Behaviors.same();
                    }),
                    "asker")));

            assertThat(BenchNode.await(result, PATIENCE)).isInstanceOfSatisfying(WorkResult.Failed.class, failed -> {
                assertThat(failed.attempts()).isGreaterThan(1);
                assertThat(failed.refusal().category()).isEqualTo(Refusal.Category.TIMED_OUT);
            });
        }
    }

    private static Dispatcher.Submit submit(ActorRef<WorkResult> asker) {
        var work = new Work.Extension(
                new StepKey("job", "problem", 0, 0, 0, 0, Purpose.EXTEND),
                Workload.MODEL,
                Prompt.question("?"),
                new NodeReference("job", "problem", 1),
                new NodeReference("job", "problem", 0),
                List.of(),
                Sampling.atTemperature(1),
                1,
                List.of("\n\n"),
                512,
                4096);
        return new Dispatcher.Submit("job", "problem", 0, List.of(work), asker);
    }
}
