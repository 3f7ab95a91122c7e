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

    private record Found(Runnable wake) implements Command {}

    private record NotFound(Throwable failure) implements Command {}

    // ---- creation

    /**
     * Wakes what is not over, whatever it is.
     *
     * @param ids reads who it may be
     * @param wake wakes one
     */
    public static Behavior<Command> create(Supplier<CompletionStage<List<String>>> ids, Consumer<String> wake) {
        return of(() -> ids.get().thenApply(found -> () -> found.forEach(wake)));
    }

    /** Wakes jobs, and tells the problems of cancelled ones. */
    public static Behavior<Command> ofJobs(ReadModel journal, ClusterSharding sharding) {
        return of(() -> journal.unfinishedJobs().thenCombine(journal.orphans(), (jobs, orphans) -> () -> {
            jobs.forEach(job -> sharding.entityRefFor(Job.TYPE, job).tell(new Job.Wake()));
            orphans.forEach(
                    orphan -> sharding.entityRefFor(Problem.TYPE, Problem.entityId(orphan.job(), orphan.problem()))
                            .tell(new Problem.Cancel()));
        }));
    }

    private static Behavior<Command> of(Supplier<CompletionStage<Runnable>> read) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new Recovery(context, timers, read)));
    }

    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final TimerScheduler<Command> timers;
    private final Supplier<CompletionStage<Runnable>> read;

    private Recovery(
            ActorContext<Command> context, TimerScheduler<Command> timers, Supplier<CompletionStage<Runnable>> read) {
        super(context);
        this.timers = timers;
        this.read = read;
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
            case Found(var wake) -> {
                wake.run();
                timers.startSingleTimer(Look.LOOK, INTERVAL);
            }
            case NotFound(var failure) -> {
                getContext().getLog().warn("what is not over must be readable: {}", failure.getMessage());
                timers.startSingleTimer(Look.LOOK, INTERVAL);
            }
        }
        return this;
    }

    private void look() {
        getContext()
                .pipeToSelf(read.get(), (wake, failure) -> failure == null ? new Found(wake) : new NotFound(failure));
    }
}
