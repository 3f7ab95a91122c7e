package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.coordinator.journal.Writable;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.protocol.wire.WireMessage;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/** The actor of one problem; decides nothing itself. */
public final class Problem extends EventSourcedBehavior<Problem.Command, ProblemEvent, ProblemState> {

    // ---- protocol

    public sealed interface Command {}

    /**
     * Starts the problem, or names a new listener for one that was started. A problem that has ended
     * answers at once.
     */
    public record Start(ProblemSpecification specification, ActorRef<Over> listener) implements Command, WireMessage {}

    /** Answers with the problem's view; none if the problem was never started. */
    public record GetView(ActorRef<ViewReply> replyTo) implements Command, WireMessage {}

    public record Cancel() implements Command, WireMessage {}

    /**
     * Tells {@code follower} of every closed round after {@code afterRound}, of those to come, and of the
     * end. May be repeated, and has to be now and then: a problem that moves to another node forgets who
     * follows it.
     *
     * @param afterRound -1 for every round
     * @param steps whether the follower wants the steps of each round
     */
    public record Follow(ActorRef<ProblemUpdate> follower, int afterRound, boolean steps)
            implements Command, WireMessage {}

    private record FollowerStopped(ActorRef<ProblemUpdate> follower) implements Command {}

    private record FromDispatch(WorkResult result) implements Command {}

    private enum Idle implements Command {
        IDLE
    }

    /**
     * The problem's time is over.
     *
     * @param attempt whose
     */
    private record TimeIsUp(int attempt) implements Command {}

    /** The last events can never be written. */
    private record Unwritable(String reason) implements Command {}

    /** Asks again for what the dispatcher had no room for. */
    private enum AskAgain implements Command {
        ASK_AGAIN
    }

    /**
     * The problem reached its terminal state. May come more than once.
     *
     * @param attempt which attempt ended
     * @param numericsClasses of the workers that served it, by their ids
     */
    public record Over(
            String job,
            String problem,
            ProblemStatus status,
            int attempt,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> numericsClasses)
            implements WireMessage {
        public Over {
            numericsClasses = numericsClasses == null ? List.of() : List.copyOf(numericsClasses);
        }

        public Over(String job, String problem, ProblemStatus status, int attempt) {
            this(job, problem, status, attempt, List.of());
        }
    }

    /** @param view null if the problem was never started */
    public record ViewReply(ProblemView view) implements WireMessage {}

    // ---- creation

    public static final EntityTypeKey<Command> TYPE = EntityTypeKey.create(Command.class, "problem");

    /** With what the persistence ids of a job's problems begin. */
    public static String persistenceIds(String job) {
        return TYPE.name() + "|" + URLEncoder.encode(job, StandardCharsets.UTF_8) + "/";
    }

    /** The entity id of a problem. */
    public static String entityId(String job, String problem) {
        return new ProblemId(job, problem).entity();
    }

    /**
     * @param dispatcher of this node
     * @param passivate stops the entity when it has ended and nobody asks
     * @param clockMillis milliseconds since 1970
     */
    public static Behavior<Command> create(
            String entityId,
            ActorRef<Dispatcher.Command> dispatcher,
            ActorRef<ClusterSharding.ShardCommand> shard,
            LongSupplier clockMillis) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new Problem(context, timers, entityId, dispatcher, shard, clockMillis)));
    }

    private static final int FAILED_WRITES_TO_ASK_WHY = 3;
    private static final Duration KEPT_AFTER_THE_END = Duration.ofSeconds(5);
    private static final Duration PAUSE_WHEN_OVERLOADED = Duration.ofSeconds(1);

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final ActorRef<Dispatcher.Command> dispatcher;
    private final ActorRef<ClusterSharding.ShardCommand> shard;
    private final LongSupplier clockMillis;
    private final ActorRef<WorkResult> fromDispatch;

    // What the shell knows beside the journal; rebuilt after a crash.
    private final Set<ActorRef<Over>> listeners = new LinkedHashSet<>();
    private final Followers followers = new Followers();
    private final ProblemMachine machine = new ProblemMachine();
    private long openedAtMillis;
    /** Events on their way to the journal; they outlive a restart after a failed write. */
    private List<ProblemEvent> unwritten = List.of();

    private int failedWrites;

    private Problem(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            String entityId,
            ActorRef<Dispatcher.Command> dispatcher,
            ActorRef<ClusterSharding.ShardCommand> shard,
            LongSupplier clockMillis) {
        super(PersistenceId.ofUniqueId(TYPE.name() + "|" + entityId), JournalEvent.READ_AGAIN);
        this.context = context;
        this.timers = timers;
        this.dispatcher = dispatcher;
        this.shard = shard;
        this.clockMillis = clockMillis;
        this.fromDispatch = context.messageAdapter(WorkResult.class, FromDispatch::new);
    }

    // ---- behaviour

    @Override
    public ProblemState emptyState() {
        return new ProblemState.Unknown();
    }

    @Override
    public EventHandler<ProblemState, ProblemEvent> eventHandler() {
        return ProblemState::evolve;
    }

    @Override
    public CommandHandler<Command, ProblemEvent, ProblemState> commandHandler() {
        return (state, command) -> switch (state) {
            case ProblemState.Unknown unknown -> beforeTheStart(command);
            case ProblemState.Running running -> whileRunning(running, command);
            case ProblemState.Ended ended -> afterTheEnd(ended, command);
        };
    }

    @Override
    public SignalHandler<ProblemState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), state -> {
                    switch (state) {
                        case ProblemState.Unknown unknown -> waitForPassivation();
                        case ProblemState.Running running -> {
                            publish(new ProblemFact.Running(
                                    running.specification().job(),
                                    running.specification().problem()));
                            var reason = whyNotWritten();
                            if (reason.isPresent()) {
                                context.getSelf().tell(new Unwritable(reason.get()));
                            } else {
                                openRound(running);
                            }
                        }
                        case ProblemState.Ended ended -> waitForPassivation();
                    }
                })
                .onSignal(PostStop.instance(), state -> {
                    if (state instanceof ProblemState.Running running) {
                        publish(new ProblemFact.Left(
                                running.specification().job(),
                                running.specification().problem()));
                    }
                })
                .build();
    }

    /** After a restart: why the last events can never be written, if that is so and they were tried often enough. */
    private Optional<String> whyNotWritten() {
        if (unwritten.isEmpty()) {
            return Optional.empty();
        }
        machine.notWritten();
        var events = unwritten;
        unwritten = List.of();
        return ++failedWrites < FAILED_WRITES_TO_ASK_WHY
                ? Optional.empty()
                : Writable.refusal(context.getSystem(), events)
                        .map(reason -> "events could not be written " + failedWrites + " times: " + reason);
    }

    private Effect<ProblemEvent, ProblemState> beforeTheStart(Command command) {
        return switch (command) {
            case Start(var specification, var listener) -> {
                listeners.add(listener);
                yield perform(machine.start(specification, now()), specification);
            }
            case GetView(var replyTo) -> {
                replyTo.tell(new ViewReply(null));
                yield Effect().none();
            }
            case Follow(var follower, var afterRound, var steps) -> {
                follow(follower, steps);
                follower.tell(new ProblemUpdate.Opened("", ProblemStatus.QUEUED, -1));
                yield Effect().none();
            }
            case FollowerStopped(var follower) -> unfollow(follower);
            case Cancel() -> Effect().none();
            case FromDispatch stray -> Effect().none();
            case AskAgain.ASK_AGAIN -> Effect().none();
            case TimeIsUp late -> Effect().none();
            case Unwritable stray -> Effect().none();
            case Idle.IDLE -> passivate();
        };
    }

    private Effect<ProblemEvent, ProblemState> whileRunning(ProblemState.Running running, Command command) {
        return switch (command) {
            case Start(var specification, var listener) -> {
                listeners.add(listener);
                yield ProblemState.refusal(running.specification())
                        .map(reason -> end(running, ProblemStatus.FAILED, reason))
                        .orElseGet(() -> Effect().none());
            }
            case GetView(var replyTo) -> {
                replyTo.tell(new ViewReply(ProblemView.of(running, now())));
                yield Effect().none();
            }
            case Follow(var follower, var afterRound, var steps) -> {
                follow(follower, steps);
                followers.catchUp(follower, afterRound, steps, running, ProblemStatus.RUNNING);
                yield Effect().none();
            }
            case FollowerStopped(var follower) -> unfollow(follower);
            case Cancel() -> end(running, ProblemStatus.CANCELLED, "");
            case FromDispatch(var result) -> perform(machine.onResult(running, result, now()), running.specification());
            case TimeIsUp(var attempt) ->
                attempt == running.specification().attemptNumber()
                        ? perform(machine.deadline(running, now()), running.specification())
                        : Effect().none();
            case AskAgain.ASK_AGAIN -> {
                submit(running.specification(), machine.needed(running));
                yield Effect().none();
            }
            case Unwritable(var reason) -> end(running, ProblemStatus.FAILED, reason);
            case Idle.IDLE -> Effect().none();
        };
    }

    private Effect<ProblemEvent, ProblemState> afterTheEnd(ProblemState.Ended ended, Command command) {
        return switch (command) {
            case Start(var specification, var listener) -> {
                if (ended.isFollowedBy(specification)) {
                    listeners.add(listener);
                    context.cancelReceiveTimeout();
                    yield perform(machine.start(specification, now()), specification);
                }
                listener.tell(over(ended));
                yield Effect().none();
            }
            case GetView(var replyTo) -> {
                replyTo.tell(new ViewReply(ProblemView.of(ended)));
                yield Effect().none();
            }
            case Follow(var follower, var afterRound, var steps) -> {
                followers.catchUp(follower, afterRound, steps, ended.last(), ended.status());
                follower.tell(Followers.end(ended));
                yield Effect().none();
            }
            case FollowerStopped(var follower) -> unfollow(follower);
            case Cancel() -> Effect().none();
            case FromDispatch stray -> Effect().none();
            case AskAgain.ASK_AGAIN -> Effect().none();
            case TimeIsUp late -> Effect().none();
            case Unwritable stray -> Effect().none();
            case Idle.IDLE -> passivate();
        };
    }

    // ---- effects

    private Effect<ProblemEvent, ProblemState> perform(ProblemMachine.Reaction reaction, ProblemSpecification about) {
        return switch (reaction) {
            case ProblemMachine.Reaction.Nothing() -> Effect().none();
            case ProblemMachine.Reaction.Ask(var works) -> {
                submit(about, works);
                yield Effect().none();
            }
            case ProblemMachine.Reaction.AskLater() -> {
                timers.startSingleTimer(AskAgain.ASK_AGAIN, PAUSE_WHEN_OVERLOADED);
                yield Effect().none();
            }
            case ProblemMachine.Reaction.Write(var events) -> {
                unwritten = events;
                yield Effect().persist(events).thenRun(state -> {
                    unwritten = List.of();
                    failedWrites = 0;
                    machine.written();
                    events.forEach(event -> tell(event, state));
                    proceed(state);
                });
            }
        };
    }

    private Effect<ProblemEvent, ProblemState> end(ProblemState.Running running, ProblemStatus status, String failure) {
        return perform(machine.end(running, status, failure, now()), running.specification());
    }

    private void follow(ActorRef<ProblemUpdate> follower, boolean steps) {
        followers.add(follower, steps);
        context.watchWith(follower, new FollowerStopped(follower));
    }

    private Effect<ProblemEvent, ProblemState> unfollow(ActorRef<ProblemUpdate> follower) {
        followers.remove(follower);
        return Effect().none();
    }

    /** Tells those who follow and those who count of an event that is stored, and the state after it. */
    private void tell(ProblemEvent event, ProblemState state) {
        var running = switch (state) {
            case ProblemState.Unknown unknown -> throw new IllegalStateException("nothing was stored");
            case ProblemState.Running still -> still;
            case ProblemState.Ended ended -> ended.last();
        };
        var specification = running.specification();
        switch (event) {
            case ProblemEvent.Started started -> {
                publish(new ProblemFact.Running(specification.job(), specification.problem()));
                followers.tellStarted(running);
            }
            case ProblemEvent.Advanced(var schema, var happened, var atMillis, var classes) -> {
                if (happened instanceof MethodEvent.RoundClosed closed) {
                    publish(ProblemFact.RoundClosed.of(
                            specification, closed, atMillis - openedAtMillis, now() - atMillis));
                    followers.tellRound(running);
                }
            }
            case ProblemEvent.Ended ended ->
                publish(new ProblemFact.Ended(specification.job(), specification.problem(), ended.status()));
        }
    }

    private void publish(ProblemFact fact) {
        context.getSystem().eventStream().tell(new EventStream.Publish<>(fact));
    }

    private void proceed(ProblemState state) {
        switch (state) {
            case ProblemState.Unknown unknown -> {}
            case ProblemState.Running running -> openRound(running);
            case ProblemState.Ended ended -> {
                var specification = ended.last().specification();
                dispatcher.tell(new Dispatcher.Forget(specification.job(), specification.problem()));
                listeners.forEach(listener -> listener.tell(over(ended)));
                listeners.clear();
                followers.tellEnd(ended);
                followers.clear();
                waitForPassivation();
            }
        }
    }

    private static Over over(ProblemState.Ended ended) {
        var specification = ended.last().specification();
        return new Over(
                specification.job(),
                specification.problem(),
                ended.status(),
                specification.attemptNumber(),
                ended.last().numericsClasses());
    }

    private void openRound(ProblemState.Running running) {
        openedAtMillis = now();
        var budget = running.specification().budget();
        if (budget != null && budget.seconds() != null) {
            var attempt = running.specification().attemptNumber();
            var left = ProblemMachine.endsAtMillis(running, budget.seconds()) - openedAtMillis;
            timers.startSingleTimer(TimeIsUp.class, new TimeIsUp(attempt), Duration.ofMillis(Math.max(1, left)));
        }
        submit(running.specification(), machine.openRound(running));
    }

    private void submit(ProblemSpecification specification, List<Work> works) {
        if (!works.isEmpty()) {
            dispatcher.tell(new Dispatcher.Submit(
                    specification.job(),
                    specification.problem(),
                    specification.order(),
                    specification.weight(),
                    specification.patience(),
                    works,
                    fromDispatch));
        }
    }

    private void waitForPassivation() {
        context.setReceiveTimeout(KEPT_AFTER_THE_END, Idle.IDLE);
    }

    private Effect<ProblemEvent, ProblemState> passivate() {
        shard.tell(new ClusterSharding.Passivate<>(context.getSelf()));
        return Effect().none();
    }

    private long now() {
        return clockMillis.getAsLong();
    }
}
