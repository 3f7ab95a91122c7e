package cloudchamber.coordinator.job;

import cloudchamber.coordinator.journal.ReadModel;
import cloudchamber.coordinator.problem.Problem;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;

/**
 * Wakes the jobs that are not over, for nobody else asks after them when the node that had them is gone, and
 * cancels what runs of cancelled ones. One in the cluster; who is awake takes no notice.
 */
public final class Recovery extends AbstractBehavior<Recovery.Command> {

    // ---- protocol

    public sealed interface Command {}

    private enum Look implements Command {
        LOOK
    }

    private record Found(Needed needed) implements Command {}

    private record NotFound(Throwable failure) implements Command {}

    /** Who has to be woken. */
    public record Needed(List<String> jobs, List<ReadModel.Orphan> problems) {
        public Needed {
            jobs = List.copyOf(jobs);
            problems = List.copyOf(problems);
        }
    }

    /** Reads it. */
    public static CompletionStage<Needed> needed(ReadModel journal) {
        return journal.unfinishedJobs().thenCombine(journal.orphans(), Needed::new);
    }

    /** Does it. */
    public static void wake(ClusterSharding sharding, Needed needed) {
        needed.jobs().forEach(job -> sharding.entityRefFor(Job.TYPE, job).tell(new Job.Wake()));
        needed.problems()
                .forEach(orphan -> sharding.entityRefFor(Problem.TYPE, Problem.entityId(orphan.job(), orphan.problem()))
                        .tell(new Problem.Cancel()));
    }

    // ---- creation

    /**
     * @param read reads who has to be woken
     * @param wake wakes them
     */
    public static Behavior<Command> create(Supplier<CompletionStage<Needed>> read, Consumer<Needed> wake) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new Recovery(context, timers, read, wake)));
    }

    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final TimerScheduler<Command> timers;
    private final Supplier<CompletionStage<Needed>> read;
    private final Consumer<Needed> wake;

    private Recovery(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            Supplier<CompletionStage<Needed>> read,
            Consumer<Needed> wake) {
        super(context);
        this.timers = timers;
        this.read = read;
        this.wake = wake;
        look();
    }

    // ---- behaviour

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder().onMessage(Command.class, this::onCommand).build();
    }

    private Behavior<Command> onCommand(Command command) {
        switch (command) {
            case Look.LOOK -> look();
            case Found(var needed) -> {
                wake.accept(needed);
                timers.startSingleTimer(Look.LOOK, INTERVAL);
            }
            case NotFound(var failure) -> {
                getContext().getLog().warn("the unfinished jobs must be readable: {}", failure.getMessage());
                timers.startSingleTimer(Look.LOOK, INTERVAL);
            }
        }
        return this;
    }

    private void look() {
        getContext()
                .pipeToSelf(
                        read.get(), (needed, failure) -> failure == null ? new Found(needed) : new NotFound(failure));
    }
}
