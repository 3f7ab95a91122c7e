package cloudchamber.coordinator.job;

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

/**
 * Wakes the jobs that are not over, for nobody else asks after them when the node that had them is gone. One in
 * the cluster; a job that is awake takes no notice.
 */
public final class Recovery extends AbstractBehavior<Recovery.Command> {

    // ---- protocol

    public sealed interface Command {}

    private enum Look implements Command {
        LOOK
    }

    private record Found(List<String> jobs) implements Command {}

    private record NotFound(Throwable failure) implements Command {}

    // ---- creation

    /**
     * @param unfinished reads the ids of the jobs that are not over
     * @param wake wakes one
     */
    public static Behavior<Command> create(Supplier<CompletionStage<List<String>>> unfinished, Consumer<String> wake) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new Recovery(context, timers, unfinished, wake)));
    }

    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final TimerScheduler<Command> timers;
    private final Supplier<CompletionStage<List<String>>> unfinished;
    private final Consumer<String> wake;

    private Recovery(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            Supplier<CompletionStage<List<String>>> unfinished,
            Consumer<String> wake) {
        super(context);
        this.timers = timers;
        this.unfinished = unfinished;
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
            case Found(var jobs) -> {
                jobs.forEach(wake);
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
                        unfinished.get(), (jobs, failure) -> failure == null ? new Found(jobs) : new NotFound(failure));
    }
}
