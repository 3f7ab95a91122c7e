package cloudchamber.coordinator.http;

import cloudchamber.coordinator.dispatch.DispatchCounts;
import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.protocol.wire.WorkerStatus;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * A dispatcher with its workers in one, from a script: every particle says {@code 3 + 4 = 7} and boxes 7
 * or, one in four, 8, which the PRM dislikes. It never answers questions with {@value #FOR_EVER} in them,
 * refuses those with {@value #BROKEN}, and keeps its answers to those with {@value #HELD} until {@link
 * #release}.
 */
final class ScriptedDispatcher {
    static final String FOR_EVER = "for ever";
    static final String BROKEN = "broken";
    static final String HELD = "when told";
    static final String MODEL = "bundled";
    static final String AWAITED_MODEL = "awaited";

    private static final Queue<Runnable> HELD_BACK = new ConcurrentLinkedQueue<>();
    private static final Usage USAGE = new Usage(5, 0, 5);
    private static final String SHA256 = "5e".repeat(32);

    private ScriptedDispatcher() {}

    static Behavior<Dispatcher.Command> create() {
        return Behaviors.receiveMessage(command -> {
            if (command instanceof Dispatcher.GetStatus(var replyTo)) {
                replyTo.tell(status());
            }
            if (command instanceof Dispatcher.Submit submit) {
                submit.works().stream()
                        .filter(work -> !prompt(work).lastQuestion().contains(FOR_EVER))
                        .forEach(work -> answer(submit, work));
            }
            if (command instanceof Dispatcher.Drain(var workerId, var replyTo)) {
                replyTo.tell(new Dispatcher.DrainReply(status().workers().stream()
                        .filter(worker -> worker.announcement().workerId().equals(workerId))
                        .findFirst()));
            }
            return Behaviors.same();
        });
    }

    private static void answer(Dispatcher.Submit submit, Work work) {
        Runnable telling = () -> submit.replyTo().tell(result(work));
        if (prompt(work).lastQuestion().contains(HELD)) {
            HELD_BACK.add(telling);
        } else {
            telling.run();
        }
    }

    /** Gives so many of the answers that were kept, if there are as many; says whether. */
    static boolean release(int answers) {
        if (HELD_BACK.size() < answers) {
            return false;
        }
        for (int answer = 0; answer < answers; answer++) {
            HELD_BACK.remove().run();
        }
        return true;
    }

    private static Prompt prompt(Work work) {
        return switch (work) {
            case Work.Extension extension -> extension.prompt();
            case Work.Scoring scoring -> scoring.prompt();
        };
    }

    private static WorkResult result(Work work) {
        if (prompt(work).lastQuestion().contains(BROKEN)) {
            return new WorkResult.Failed(
                    work.key(), new Refusal(Refusal.Category.INVALID_REQUEST, "the backend wants another question"), 1);
        }
        boolean wrong = work.key().slot() % 4 == 3;
        return switch (work) {
            case Work.Extension extension ->
                new WorkResult.Extended(
                        work.key(),
                        extension.prefix().isEmpty()
                                ? new Step("3 + 4 = 7\n\n", List.of(1, 2, 3), StepEnd.STEP, StepLimit.NONE, -1, 3)
                                : new Step(
                                        wrong ? "\\boxed{8}" : "\\boxed{7}",
                                        List.of(4, 5),
                                        StepEnd.END,
                                        StepLimit.NONE,
                                        -1,
                                        2),
                        USAGE,
                        null,
                        3);
            case Work.Scoring scoring ->
                new WorkResult.Scored(
                        work.key(), List.of(wrong && scoring.prefix().size() > 1 ? -1.0 : 1.0), USAGE, null, 2);
        };
    }

    private static Dispatcher.Status status() {
        return new Dispatcher.Status(
                List.of(
                        worker("policy-1", Role.POLICY, MODEL, false, ""),
                        worker("prm-1", Role.PRM, MODEL, false, ""),
                        worker("policy-2", Role.POLICY, AWAITED_MODEL, true, "the context is full")),
                Map.of(AWAITED_MODEL, 3),
                Map.of(),
                new DispatchCounts(
                        Map.of(
                                DispatchCounts.Phase.GENERATE,
                                new DispatchCounts.Durations(
                                        List.of(0L, 2L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 1L), 400.5)),
                        Map.of("timed-out", 3L)));
    }

    private static Dispatcher.WorkerLine worker(String id, Role role, String model, boolean silent, String lastError) {
        return new Dispatcher.WorkerLine(
                new WorkerAnnouncement(
                        id,
                        role,
                        "pekko://test@127.0.0.1:1",
                        4711,
                        model,
                        SHA256,
                        "plain",
                        new NumericsClass("scripted", "any", SHA256, "none"),
                        8,
                        4096),
                new WorkerStatus(
                        1, 20, 2, 300, 40, 500, lastError, lastError.isEmpty() ? 0 : 1_700_000_000_000L, false),
                1,
                7,
                silent,
                false);
    }
}
