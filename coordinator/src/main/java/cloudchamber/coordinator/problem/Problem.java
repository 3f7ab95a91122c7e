package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.protocol.WireMessage;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
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

    private record FromDispatch(WorkResult result) implements Command {}

    private enum Idle implements Command {
        IDLE
    }

    /** Asks again for what the dispatcher had no room for. */
    private enum AskAgain implements Command {
        ASK_AGAIN
    }

    /** The problem reached its terminal state. May come more than once. */
    public record Over(String job, String problem, ProblemStatus status) implements WireMessage {}

    /** @param view null if the problem was never started */
    public record ViewReply(ProblemView view) implements WireMessage {}

    // ---- creation

    public static final EntityTypeKey<Command> TYPE = EntityTypeKey.create(Command.class, "problem");

    /**
     * The entity id of a problem: different for different pairs, whatever characters the client's ids have.
     * Part of the persistence id, so it never changes.
     */
    public static String entityId(String job, String problem) {
        return URLEncoder.encode(job, StandardCharsets.UTF_8) + "/"
                + URLEncoder.encode(problem, StandardCharsets.UTF_8);
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

    private static final Duration KEPT_AFTER_THE_END = Duration.ofMinutes(1);
    private static final Duration PAUSE_WHEN_OVERLOADED = Duration.ofSeconds(1);

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final ActorRef<Dispatcher.Command> dispatcher;
    private final ActorRef<ClusterSharding.ShardCommand> shard;
    private final LongSupplier clockMillis;
    private final ActorRef<WorkResult> fromDispatch;

    // What the shell knows beside the journal; rebuilt after a crash.
    private final Set<ActorRef<Over>> listeners = new LinkedHashSet<>();
    private final ProblemMachine machine = new ProblemMachine();

    private Problem(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            String entityId,
            ActorRef<Dispatcher.Command> dispatcher,
            ActorRef<ClusterSharding.ShardCommand> shard,
            LongSupplier clockMillis) {
        super(PersistenceId.ofUniqueId(TYPE.name() + "|" + entityId));
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
                        case ProblemState.Running running -> openRound(running);
                        case ProblemState.Ended ended -> waitForPassivation();
                    }
                })
                .build();
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
            case Cancel() -> Effect().none();
            case FromDispatch stray -> Effect().none();
            case AskAgain.ASK_AGAIN -> Effect().none();
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
            case Cancel() -> end(running, ProblemStatus.CANCELLED, "");
            case FromDispatch(var result) -> perform(machine.onResult(running, result, now()), running.specification());
            case AskAgain.ASK_AGAIN -> {
                submit(running.specification(), machine.needed(running));
                yield Effect().none();
            }
            case Idle.IDLE -> Effect().none();
        };
    }

    private Effect<ProblemEvent, ProblemState> afterTheEnd(ProblemState.Ended ended, Command command) {
        return switch (command) {
            case Start(var specification, var listener) -> {
                listener.tell(over(ended));
                yield Effect().none();
            }
            case GetView(var replyTo) -> {
                replyTo.tell(new ViewReply(ProblemView.of(ended)));
                yield Effect().none();
            }
            case Cancel() -> Effect().none();
            case FromDispatch stray -> Effect().none();
            case AskAgain.ASK_AGAIN -> Effect().none();
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
            case ProblemMachine.Reaction.Write(var events) ->
                Effect().persist(events).thenRun(this::proceed);
        };
    }

    private Effect<ProblemEvent, ProblemState> end(ProblemState.Running running, ProblemStatus status, String failure) {
        return perform(machine.end(status, failure, now()), running.specification());
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
                waitForPassivation();
            }
        }
    }

    private static Over over(ProblemState.Ended ended) {
        var specification = ended.last().specification();
        return new Over(specification.job(), specification.problem(), ended.status());
    }

    private void openRound(ProblemState.Running running) {
        submit(running.specification(), machine.openRound(running));
    }

    private void submit(ProblemSpecification specification, List<Work> works) {
        if (!works.isEmpty()) {
            dispatcher.tell(new Dispatcher.Submit(
                    specification.job(), specification.problem(), specification.order(), works, fromDispatch));
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
