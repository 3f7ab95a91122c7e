package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.coordinator.grade.Graders;
import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.coordinator.method.CompletedRound;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.Extent;
import cloudchamber.coordinator.method.RoundCollector;
import cloudchamber.protocol.WireMessage;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.Usage;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
    private static final int MAX_INVALID_SCORES = 3;

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final ActorRef<Dispatcher.Command> dispatcher;
    private final ActorRef<ClusterSharding.ShardCommand> shard;
    private final LongSupplier clockMillis;
    private final ActorRef<WorkResult> fromDispatch;

    // What the shell knows beside the journal; rebuilt after a crash.
    private final Set<ActorRef<Over>> listeners = new LinkedHashSet<>();
    private final Map<StepKey, Integer> invalidScores = new HashMap<>();
    private RoundCollector collector;
    private Cost wasted = Cost.NONE;
    private Cost uncommitted = Cost.NONE;

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
                var started = new ProblemEvent.Started(ProblemEvent.SCHEMA, specification, now());
                yield ProblemState.refusal(specification)
                        .map(reason -> end(List.of(started), ProblemStatus.FAILED, reason))
                        .orElseGet(() -> Effect().persist(started).thenRun(this::proceed));
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
                        .map(reason -> end(List.of(), ProblemStatus.FAILED, reason))
                        .orElseGet(() -> Effect().none());
            }
            case GetView(var replyTo) -> {
                replyTo.tell(new ViewReply(ProblemView.of(running, now())));
                yield Effect().none();
            }
            case Cancel() -> end(List.of(), ProblemStatus.CANCELLED, "");
            case FromDispatch(var result) -> onResult(running, result);
            case AskAgain.ASK_AGAIN -> {
                submit(running, collector.stepsNeeded());
                submit(running, collector.scoresNeeded());
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

    // ---- handlers

    private Effect<ProblemEvent, ProblemState> onResult(ProblemState.Running running, WorkResult result) {
        return switch (result) {
            case WorkResult.Extended(var key, var step, var usage) ->
                onReception(running, collector.accept(key, step, usage), key, usage);
            case WorkResult.Scored(var key, var logOdds, var usage) ->
                onReception(running, collector.accept(key, logOdds, usage), key, usage);
            case WorkResult.Failed(var key, var refusal, var attempts) -> onFailed(running, key, refusal, attempts);
            case WorkResult.Wasted(var key, var usage) -> {
                wasted = wasted.plus(Cost.ofWaste(usage));
                yield Effect().none();
            }
        };
    }

    /** Work that was never tried, as the dispatcher is full, is asked for again: the problem was accepted. */
    private Effect<ProblemEvent, ProblemState> onFailed(
            ProblemState.Running running, StepKey key, Refusal refusal, int attempts) {
        if (key.round() != running.run().plan().round()) {
            return Effect().none();
        }
        if (attempts == 0 && refusal.category() == Refusal.Category.OVERLOADED) {
            timers.startSingleTimer(AskAgain.ASK_AGAIN, PAUSE_WHEN_OVERLOADED);
            return Effect().none();
        }
        return end(List.of(), ProblemStatus.FAILED, failure(key, refusal, attempts));
    }

    private Effect<ProblemEvent, ProblemState> onReception(
            ProblemState.Running running, RoundCollector.Reception reception, StepKey key, Usage usage) {
        return switch (reception) {
            case RoundCollector.Reception.Taken(var scoresNeeded) -> {
                uncommitted = uncommitted.plus(Cost.ofWaste(usage));
                submit(running, scoresNeeded);
                yield collector
                        .completed()
                        .map(round -> close(running, round))
                        .orElseGet(() -> Effect().none());
            }
            case RoundCollector.Reception.Ignored() -> {
                wasted = wasted.plus(Cost.ofWaste(usage));
                yield Effect().none();
            }
            case RoundCollector.Reception.Refused(var refusal) -> {
                wasted = wasted.plus(Cost.ofWaste(usage));
                if (invalidScores.merge(key, 1, Integer::sum) >= MAX_INVALID_SCORES) {
                    yield end(List.of(), ProblemStatus.FAILED, failure(key, refusal, MAX_INVALID_SCORES));
                }
                submit(running, List.of(key));
                yield Effect().none();
            }
        };
    }

    /** Closes the open round: asks the method, and keeps what it says in one write. */
    private Effect<ProblemEvent, ProblemState> close(ProblemState.Running running, CompletedRound round) {
        var specification = running.specification();
        var random = RandomStreams.of(specification.seed(), specification.problem());
        var happened = running.run().decide(round.plus(wasted), random);
        wasted = Cost.NONE;
        uncommitted = Cost.NONE;
        long now = now();
        var events = happened.stream()
                .<ProblemEvent>map(event -> new ProblemEvent.Advanced(ProblemEvent.SCHEMA, event, now))
                .toList();
        var run = running.run();
        for (var event : happened) {
            run = run.evolve(event);
        }
        if (run.failure().isPresent()) {
            return end(events, ProblemStatus.FAILED, run.failure().get().detail());
        }
        if (run.outcome().isPresent()) {
            return end(events, ProblemStatus.SUCCEEDED, "");
        }
        return Effect().persist(events).thenRun(this::proceed);
    }

    private Effect<ProblemEvent, ProblemState> end(List<ProblemEvent> before, ProblemStatus status, String failure) {
        var events = new ArrayList<>(before);
        events.add(new ProblemEvent.Ended(ProblemEvent.SCHEMA, status, failure, wasted.plus(uncommitted), now()));
        return Effect().persist(events).thenRun(this::proceed);
    }

    private static String failure(StepKey key, Refusal refusal, int attempts) {
        return "[" + key + "] failed after " + attempts + " attempts: " + refusal.category() + ": " + refusal.detail();
    }

    // ---- effects

    private void proceed(ProblemState state) {
        switch (state) {
            case ProblemState.Unknown unknown -> {}
            case ProblemState.Running running -> openRound(running);
            case ProblemState.Ended ended -> {
                var specification = ended.last().specification();
                dispatcher.tell(new Dispatcher.Forget(specification.job(), specification.problem()));
                listeners.forEach(listener -> listener.tell(over(ended)));
                listeners.clear();
                collector = null;
                waitForPassivation();
            }
        }
    }

    private static Over over(ProblemState.Ended ended) {
        var specification = ended.last().specification();
        return new Over(specification.job(), specification.problem(), ended.status());
    }

    private void openRound(ProblemState.Running running) {
        var specification = running.specification();
        var grader = Graders.byId(specification.grader());
        collector = RoundCollector.open(
                specification.job(),
                specification.problem(),
                running.run().plan(),
                running.run().tree(),
                specification.limits(),
                grader::complete);
        invalidScores.clear();
        submit(running, collector.stepsNeeded());
    }

    private void submit(ProblemState.Running running, List<StepKey> keys) {
        if (!keys.isEmpty()) {
            var specification = running.specification();
            var works = keys.stream().map(key -> work(specification, key)).toList();
            dispatcher.tell(new Dispatcher.Submit(
                    specification.job(), specification.problem(), specification.order(), works, fromDispatch));
        }
    }

    private Work work(ProblemSpecification specification, StepKey key) {
        var expansion = collector.expansion(key);
        var node = new NodeReference(key.job(), key.problem(), collector.node(key));
        var parent = new NodeReference(key.job(), key.problem(), expansion.parent());
        var prefix = collector.prefix(key).stream().map(Problem::repeated).toList();
        if (key.purpose() == Purpose.SCORE) {
            return new Work.Scoring(key, specification.prm(), specification.prompt(), node, parent, prefix);
        }
        return new Work.Extension(
                key,
                specification.policy(),
                specification.prompt(),
                node,
                parent,
                prefix,
                expansion.sampling(),
                RandomStreams.of(specification.seed(), specification.problem())
                        .seed(key.chain(), key.iteration(), key.round(), key.slot(), key.purpose()),
                expansion.extent() == Extent.STEP ? specification.stops() : List.of(),
                collector.maxTokens(key),
                collector.tokensLeft(key));
    }

    private static PrefixStep repeated(Step step) {
        return new PrefixStep(step.text(), step.tokenIds());
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
