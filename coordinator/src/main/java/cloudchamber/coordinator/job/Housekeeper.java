package cloudchamber.coordinator.job;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/** Removes jobs when they have been over for as long as results are kept. One in the cluster. */
public final class Housekeeper extends AbstractBehavior<Housekeeper.Command> {

    // ---- protocol

    public sealed interface Command {}

    private enum Look implements Command {
        LOOK
    }

    private record Done(Retention.Removed removed) implements Command {}

    private record Failed(Throwable failure) implements Command {}

    // ---- creation

    /**
     * @param keep how long a job stays after its end
     * @param clockMillis milliseconds since 1970
     */
    public static Behavior<Command> create(Retention retention, Duration keep, LongSupplier clockMillis) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new Housekeeper(context, timers, retention, keep, clockMillis)));
    }

    private static final Duration INTERVAL = Duration.ofMinutes(10);

    private final TimerScheduler<Command> timers;
    private final Retention retention;
    private final Duration keep;
    private final LongSupplier clockMillis;

    private Housekeeper(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            Retention retention,
            Duration keep,
            LongSupplier clockMillis) {
        super(context);
        this.timers = timers;
        this.retention = retention;
        this.keep = keep;
        this.clockMillis = clockMillis;
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
            case Done(var removed) -> {
                if (removed.jobs() > 0) {
                    getContext().getLog().info("removed {} jobs that had been over for {}", removed.jobs(), keep);
                }
                timers.startSingleTimer(Look.LOOK, INTERVAL);
            }
            case Failed(var failure) -> {
                getContext().getLog().warn("jobs that are over must be removable: {}", failure.getMessage());
                timers.startSingleTimer(Look.LOOK, INTERVAL);
            }
        }
        return this;
    }

    private void look() {
        getContext()
                .pipeToSelf(
                        retention.remove(clockMillis.getAsLong() - keep.toMillis(), false),
                        (removed, failure) -> failure == null ? new Done(removed) : new Failed(failure));
    }
}
