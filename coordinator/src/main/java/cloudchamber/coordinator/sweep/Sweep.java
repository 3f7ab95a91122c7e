package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobSubmission;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.coordinator.sweep.SweepPlan.CellJob;
import cloudchamber.protocol.wire.WireMessage;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
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

/** The actor of one sweep; decides nothing itself. */
public final class Sweep extends EventSourcedBehavior<Sweep.Command, SweepEvent, SweepState> {

    // ---- protocol

    public sealed interface Command {}

    /**
     * Accepts the sweep. Submitted again it goes on: with other cells if its grid has changed, and from where it was
     * paused. A cancelled sweep stays cancelled.
     */
    public record Submit(SweepSpecification specification, ActorRef<ViewReply> replyTo)
            implements Command, WireMessage {}

    public record GetView(ActorRef<ViewReply> replyTo) implements Command, WireMessage {}

    /** What a client submitted, whole. */
    public record GetSpecification(ActorRef<SpecificationReply> replyTo) implements Command, WireMessage {}

    public record Pause(ActorRef<ViewReply> replyTo) implements Command, WireMessage {}

    public record Resume(ActorRef<ViewReply> replyTo) implements Command, WireMessage {}

    public record Cancel(ActorRef<ViewReply> replyTo) implements Command, WireMessage {}

    /** Has every job that failed try its failed problems again. */
    public record Retry(ActorRef<ViewReply> replyTo) implements Command, WireMessage {}

    /**
     * Tells {@code follower} how the sweep stands, now and whenever that changes, at most four times a second. May be
     * repeated, and has to be now and then: a sweep that moves to another node forgets who follows it.
     */
    public record Follow(ActorRef<ViewReply> follower) implements Command, WireMessage {}

    private record FollowerStopped(ActorRef<ViewReply> follower) implements Command {}

    private enum TellFollowers implements Command {
        TELL_FOLLOWERS
    }

    /** @param view null if there is no such job */
    private record Answered(String job, SweepMachine.Question question, long number, JobView view) implements Command {}

    /** A job did not answer in time; it is asked again at the next tick. */
    private record NotAnswered(String job, SweepMachine.Question question) implements Command {}

    private enum Tick implements Command {
        TICK
    }

    /** @param view null if the sweep is unknown */
    public record ViewReply(SweepView view) implements WireMessage {}

    /** @param specification null if the sweep is unknown */
    public record SpecificationReply(SweepSpecification specification) implements WireMessage {}

    // ---- creation

    public static final EntityTypeKey<Command> TYPE = EntityTypeKey.create(Command.class, "sweep");

    /**
     * @param clockMillis milliseconds since 1970
     */
    public static Behavior<Command> create(
            String id, SweepSettings settings, ClusterSharding sharding, LongSupplier clockMillis) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new Sweep(context, timers, id, settings, sharding, clockMillis)));
    }

    private static final Duration TICK_INTERVAL = Duration.ofSeconds(1);
    private static final Duration UPDATE_INTERVAL = Duration.ofMillis(250);
    private static final Duration JOB_LIMIT = Duration.ofSeconds(10);

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final ClusterSharding sharding;
    private final LongSupplier clockMillis;

    // What the shell knows beside the journal.
    private final SweepMachine machine;
    private final Set<ActorRef<ViewReply>> followers = new HashSet<>();
    private final Set<Open> open = new HashSet<>();

    /** A question that a job has not answered yet. */
    private record Open(String job, SweepMachine.Question question) {}

    private Sweep(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            String id,
            SweepSettings settings,
            ClusterSharding sharding,
            LongSupplier clockMillis) {
        super(PersistenceId.of(TYPE.name(), id), JournalEvent.READ_AGAIN);
        this.context = context;
        this.timers = timers;
        this.sharding = sharding;
        this.clockMillis = clockMillis;
        this.machine = new SweepMachine(settings.maxOpenProblems());
    }

    // ---- behaviour

    @Override
    public SweepState emptyState() {
        return new SweepState.Unknown();
    }

    @Override
    public EventHandler<SweepState, SweepEvent> eventHandler() {
        return SweepState::evolve;
    }

    @Override
    public CommandHandler<Command, SweepEvent, SweepState> commandHandler() {
        return (state, command) -> switch (state) {
            case SweepState.Unknown unknown -> beforeSubmission(unknown, command);
            case SweepState.Known sweep -> known(sweep, command);
        };
    }

    @Override
    public SignalHandler<SweepState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), state -> perform(state, machine.recovered(state)))
                .build();
    }

    private Effect<SweepEvent, SweepState> beforeSubmission(SweepState.Unknown unknown, Command command) {
        return switch (command) {
            case Submit(var specification, var replyTo) ->
                perform(unknown, machine.submit(unknown, specification, now()), replyTo);
            case GetView(var replyTo) -> reply(unknown, replyTo);
            case Pause(var replyTo) -> reply(unknown, replyTo);
            case Resume(var replyTo) -> reply(unknown, replyTo);
            case Cancel(var replyTo) -> reply(unknown, replyTo);
            case Retry(var replyTo) -> reply(unknown, replyTo);
            case GetSpecification(var replyTo) -> {
                replyTo.tell(new SpecificationReply(null));
                yield Effect().none();
            }
            case Follow stranger -> Effect().none();
            case FollowerStopped(var follower) -> unfollow(follower);
            case TellFollowers.TELL_FOLLOWERS -> Effect().none();
            case Answered stray -> Effect().none();
            case NotAnswered stray -> Effect().none();
            case Tick.TICK -> Effect().none();
        };
    }

    private Effect<SweepEvent, SweepState> known(SweepState.Known sweep, Command command) {
        return switch (command) {
            case Submit(var specification, var replyTo) ->
                perform(sweep, machine.submit(sweep, specification, now()), replyTo);
            case GetView(var replyTo) -> reply(sweep, replyTo);
            case GetSpecification(var replyTo) -> {
                replyTo.tell(new SpecificationReply(sweep.specification()));
                yield Effect().none();
            }
            case Pause(var replyTo) -> perform(sweep, machine.pause(sweep, now()), replyTo);
            case Resume(var replyTo) -> perform(sweep, machine.resume(sweep, now()), replyTo);
            case Cancel(var replyTo) -> perform(sweep, machine.cancel(sweep, now()), replyTo);
            case Retry(var replyTo) -> perform(sweep, machine.retry(sweep, now()), replyTo);
            case Follow(var follower) -> {
                follow(sweep, follower);
                yield Effect().none();
            }
            case FollowerStopped(var follower) -> unfollow(follower);
            case TellFollowers.TELL_FOLLOWERS -> {
                var reply = new ViewReply(machine.view(sweep));
                followers.forEach(follower -> follower.tell(reply));
                yield Effect().none();
            }
            case Answered(var job, var question, var number, var view) -> {
                open.remove(new Open(job, question));
                yield perform(sweep, machine.answered(sweep, job, question, number, view, now()), after -> {});
            }
            case NotAnswered(var job, var question) -> {
                open.remove(new Open(job, question));
                yield Effect().none();
            }
            case Tick.TICK -> perform(sweep, machine.ticked(sweep, now()), after -> {});
        };
    }

    private void follow(SweepState.Known sweep, ActorRef<ViewReply> follower) {
        if (followers.add(follower)) {
            context.watchWith(follower, new FollowerStopped(follower));
            follower.tell(new ViewReply(machine.view(sweep)));
        }
    }

    private Effect<SweepEvent, SweepState> unfollow(ActorRef<ViewReply> follower) {
        followers.remove(follower);
        return Effect().none();
    }

    // ---- effects

    private Effect<SweepEvent, SweepState> perform(
            SweepState state, SweepMachine.Reaction reaction, ActorRef<ViewReply> replyTo) {
        return perform(state, reaction, after -> replyTo.tell(view(after)));
    }

    /** @param answer given the state after the reaction */
    private Effect<SweepEvent, SweepState> perform(
            SweepState state, SweepMachine.Reaction reaction, Consumer<SweepState> answer) {
        return switch (reaction) {
            case SweepMachine.Reaction.Do(var effects) -> {
                perform(state, effects);
                answer.accept(state);
                yield Effect().none();
            }
            case SweepMachine.Reaction.Write(var event) ->
                Effect().persist(event).thenRun(after -> {
                    perform(after, machine.written(after, event));
                    answer.accept(after);
                });
        };
    }

    private void perform(SweepState state, List<SweepMachine.Effect> effects) {
        for (var effect : effects) {
            switch (effect) {
                case SweepMachine.Effect.Ask(var job, var question, var number) ->
                    ask((SweepState.Known) state, job, question, number);
                case SweepMachine.Effect.TellStanding() -> tellFollowersSoon();
                case SweepMachine.Effect.Tick(var on) -> tick(on);
            }
        }
    }

    /** A job that has not answered such a question yet is not asked another time. */
    private void ask(SweepState.Known sweep, CellJob job, SweepMachine.Question question, long number) {
        if (open.add(new Open(job.id(), question))) {
            var entity = sharding.entityRefFor(Job.TYPE, job.id());
            var answer = switch (question) {
                case SUBMIT ->
                    JobSubmission.submit(entity, sweep.specification().job(job), JOB_LIMIT);
                case VIEW -> entity.<Job.ViewReply>ask(Job.GetView::new, JOB_LIMIT);
                case CANCEL -> entity.<Job.ViewReply>ask(Job.Cancel::new, JOB_LIMIT);
                case RETRY -> entity.<Job.ViewReply>ask(Job.Retry::new, JOB_LIMIT);
            };
            context.pipeToSelf(
                    answer,
                    (reply, failure) -> failure == null
                            ? new Answered(job.id(), question, number, reply.view())
                            : new NotAnswered(job.id(), question));
        }
    }

    private void tick(boolean on) {
        if (!on) {
            timers.cancel(Tick.TICK);
        } else if (!timers.isTimerActive(Tick.TICK)) {
            timers.startTimerWithFixedDelay(Tick.TICK, TICK_INTERVAL);
        }
    }

    private void tellFollowersSoon() {
        if (!followers.isEmpty() && !timers.isTimerActive(TellFollowers.TELL_FOLLOWERS)) {
            timers.startSingleTimer(TellFollowers.TELL_FOLLOWERS, UPDATE_INTERVAL);
        }
    }

    private Effect<SweepEvent, SweepState> reply(SweepState state, ActorRef<ViewReply> replyTo) {
        replyTo.tell(view(state));
        return Effect().none();
    }

    private ViewReply view(SweepState state) {
        return new ViewReply(state instanceof SweepState.Known sweep ? machine.view(sweep) : null);
    }

    private long now() {
        return clockMillis.getAsLong();
    }
}
