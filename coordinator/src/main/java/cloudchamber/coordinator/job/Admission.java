package cloudchamber.coordinator.job;

import cloudchamber.coordinator.dispatch.Dispatcher;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Bounds the problems that the jobs of one coordinator have in flight together: a job starts a problem for each place
 * it was granted, and gives the place back when the problem is over. Decides nothing itself.
 */
public final class Admission {

    // ---- protocol

    public sealed interface Command {}

    /** A job states its claim, again and again; answered each time. */
    record State(String job, Claim claim, ActorRef<Allowance> replyTo) implements Command {}

    /** A job leaves this node. */
    record Leave(String job, long life) implements Command {}

    private record Seen(Dispatcher.Status dispatch) implements Command {}

    private record NotSeen(Throwable failure) implements Command {}

    private enum Tick implements Command {
        TICK
    }

    // ---- creation

    /**
     * @param places how many problems may be in flight at once, at least one
     * @param dispatcher of this node, which knows the workers
     * @param clockMillis any clock that does not go back
     */
    public static Behavior<Command> create(
            int places, ActorRef<Dispatcher.Command> dispatcher, LongSupplier clockMillis) {
        return Behaviors.supervise(Behaviors.<Command>setup(context -> Behaviors.withTimers(
                        timers -> new Admission(context, timers, places, dispatcher, clockMillis).admitting())))
                .onFailure(SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(10), .2));
    }

    private static final Duration TICK_INTERVAL = Duration.ofMillis(250);
    private static final Duration DISPATCHER_LIMIT = Duration.ofSeconds(2);

    private final ActorContext<Command> context;
    private final ActorRef<Dispatcher.Command> dispatcher;
    private final LongSupplier clockMillis;
    private final FairShares shares;
    private final Map<String, ActorRef<Allowance>> jobs = new HashMap<>();
    /** Before that nothing is granted: problems that no worker can run get no place. */
    private boolean servedIsKnown;

    private boolean asking;

    private Admission(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            int places,
            ActorRef<Dispatcher.Command> dispatcher,
            LongSupplier clockMillis) {
        this.context = context;
        this.dispatcher = dispatcher;
        this.clockMillis = clockMillis;
        this.shares = new FairShares(places);
        timers.startTimerWithFixedDelay(Tick.TICK, TICK_INTERVAL);
        onTick();
    }

    // ---- behaviour

    private Behavior<Command> admitting() {
        return Behaviors.receiveMessage(command -> {
            switch (command) {
                case State(var job, var claim, var replyTo) -> onState(job, claim, replyTo);
                case Leave(var job, var life) -> onLeave(job, life);
                case Seen(var dispatch) -> onSeen(ServedModels.of(dispatch.workers(), dispatch.troubles()));
                case NotSeen(var failure) -> asking = false;
                case Tick.TICK -> onTick();
            }
            return Behaviors.same();
        });
    }

    // ---- handlers

    private void onState(String job, Claim claim, ActorRef<Allowance> replyTo) {
        if (shares.claim(job, claim, clockMillis.getAsLong())) {
            jobs.put(job, replyTo);
        }
        if (servedIsKnown) {
            shares.grant().stream().filter(other -> !other.equals(job)).forEach(this::answer);
            answer(job);
        }
    }

    private void onLeave(String job, long life) {
        shares.leave(job, life);
        if (!shares.knows(job)) {
            jobs.remove(job);
        }
        grant();
    }

    private void onSeen(ServedModels served) {
        asking = false;
        boolean changed = shares.serve(served) || !servedIsKnown;
        servedIsKnown = true;
        if (changed) {
            shares.grant();
            shares.jobs().forEach(this::answer);
        }
    }

    private void onTick() {
        shares.expire(clockMillis.getAsLong()).forEach(jobs::remove);
        grant();
        if (!asking) {
            asking = true;
            context.ask(
                    Dispatcher.Status.class,
                    dispatcher,
                    DISPATCHER_LIMIT,
                    Dispatcher.GetStatus::new,
                    (status, failure) -> failure == null ? new Seen(status) : new NotSeen(failure));
        }
    }

    // ---- effects

    private void grant() {
        if (servedIsKnown) {
            shares.grant().forEach(this::answer);
        }
    }

    private void answer(String job) {
        jobs.get(job).tell(shares.allowance(job));
    }
}
