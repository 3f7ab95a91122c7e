package cloudchamber.coordinator.job;

import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.protocol.wire.WireMessage;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/** The actor of one job; decides nothing itself. */
public final class Job extends EventSourcedBehavior<Job.Command, JobEvent, JobState> {

    // ---- protocol

    public sealed interface Command {}

    /** Accepts the job, or says that it was accepted before. */
    public record Submit(JobSpecification specification, ActorRef<ViewReply> replyTo) implements Command, WireMessage {}

    /**
     * Stores a part of the problems of a job that is to be submitted without them.
     *
     * @param from the index of the first
     */
    public record Store(int from, List<JobSpecification.Question> questions, ActorRef<Stored> replyTo)
            implements Command, WireMessage {
        public Store {
            questions = List.copyOf(questions);
        }
    }

    /** @param failure why the problems could not be stored, in one sentence; null if they are */
    public record Stored(
            @JsonInclude(JsonInclude.Include.NON_NULL) String failure) implements WireMessage {}

    public record GetView(ActorRef<ViewReply> replyTo) implements Command, WireMessage {}

    public record Cancel(ActorRef<ViewReply> replyTo) implements Command, WireMessage {}

    /** Does nothing; a job that is asleep recovers to take it, and goes on. */
    public record Wake() implements Command, WireMessage {}

    /**
     * Tells {@code follower} how the job stands, now and whenever that changes, at most four times a second.
     * May be repeated, and has to be now and then: a job that moves to another node forgets who follows it.
     * Of an unknown job nothing is told.
     */
    public record Follow(ActorRef<JobUpdate> follower) implements Command, WireMessage {}

    private record FollowerStopped(ActorRef<JobUpdate> follower) implements Command {}

    private enum TellFollowers implements Command {
        TELL_FOLLOWERS
    }

    /** Tries the failed problems of a job that is over again. */
    public record Retry(ActorRef<ViewReply> replyTo) implements Command, WireMessage {}

    /** Removes a job that is over, and answers with its last view; one that runs stays, and its view says so. */
    public record Delete(ActorRef<ViewReply> replyTo) implements Command, WireMessage {}

    private record ProblemOver(Problem.Over over) implements Command {}

    /** @param scan which reading of the problems it belongs to */
    private record Read(int scan, List<JobSpecification.Question> questions) implements Command {}

    private record NotRead(int scan, Throwable failure) implements Command {}

    private enum Remind implements Command {
        REMIND
    }

    private record Allowed(Allowance allowance) implements Command {}

    private enum Idle implements Command {
        IDLE
    }

    /** @param view null if the job is unknown */
    public record ViewReply(JobView view) implements WireMessage {}

    // ---- creation

    public static final EntityTypeKey<Command> TYPE = EntityTypeKey.create(Command.class, "job");

    /**
     * @param admission of this node
     * @param shard stops the entity when its job is over and nobody asks
     * @param clockMillis milliseconds since 1970
     */
    public static Behavior<Command> create(
            String id,
            JobSettings settings,
            ClusterSharding sharding,
            ActorRef<Admission.Command> admission,
            ActorRef<ClusterSharding.ShardCommand> shard,
            Questions questions,
            LongSupplier clockMillis) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new Job(context, timers, id, settings, sharding, admission, shard, questions, clockMillis)));
    }

    private static final Duration REMINDER_INTERVAL = Duration.ofSeconds(2);
    private static final Duration UPDATE_INTERVAL = Duration.ofMillis(250);
    private static final Duration KEPT_AFTER_THE_END = Duration.ofSeconds(10);

    /** Every recovery begins a life, also one inside the same object; its number tells admission which is the last. */
    private static final AtomicLong LIVES = new AtomicLong();

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final String id;
    private final ClusterSharding sharding;
    private final Questions questions;
    private final LongSupplier clockMillis;
    private final ActorRef<Admission.Command> admission;
    private final ActorRef<ClusterSharding.ShardCommand> shard;
    private final ActorRef<Problem.Over> fromProblems;
    private final ActorRef<Allowance> fromAdmission;

    // What the shell knows beside the journal.
    private final JobMachine machine;
    private final JobFollowers followers;
    private long life;

    private Job(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            String id,
            JobSettings settings,
            ClusterSharding sharding,
            ActorRef<Admission.Command> admission,
            ActorRef<ClusterSharding.ShardCommand> shard,
            Questions questions,
            LongSupplier clockMillis) {
        super(PersistenceId.of(TYPE.name(), id), JournalEvent.READ_AGAIN);
        this.context = context;
        this.timers = timers;
        this.id = id;
        this.sharding = sharding;
        this.admission = admission;
        this.shard = shard;
        this.questions = questions;
        this.clockMillis = clockMillis;
        this.fromProblems = context.messageAdapter(Problem.Over.class, ProblemOver::new);
        this.fromAdmission = context.messageAdapter(Allowance.class, Allowed::new);
        this.machine = new JobMachine(settings.maxProblemsInFlight());
        this.followers = new JobFollowers();
    }

    // ---- behaviour

    @Override
    public JobState emptyState() {
        return new JobState.Unknown();
    }

    @Override
    public EventHandler<JobState, JobEvent> eventHandler() {
        return JobState::evolve;
    }

    @Override
    public CommandHandler<Command, JobEvent, JobState> commandHandler() {
        return (state, command) -> switch (state) {
            case JobState.Unknown unknown
            when command instanceof Submit(var specification, var replyTo) ->
                write(JobEvent.Accepted.of(specification, now()), after -> replyTo.tell(view(after)));
            case JobState.Unknown unknown
            when command instanceof Store store -> {
                store(store);
                yield Effect().none();
            }
            case JobState.Unknown unknown -> withoutJob(command);
            case JobState.Accepted job -> accepted(job, command);
            case JobState.Deleted deleted -> withoutJob(command);
        };
    }

    @Override
    public SignalHandler<JobState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), state -> {
                    life = LIVES.incrementAndGet();
                    perform(state, machine.recovered(state, life));
                    publishStanding(state);
                })
                .onSignal(PostStop.instance(), state -> {
                    admission.tell(new Admission.Leave(id, life));
                    publishLeaving(state);
                })
                .build();
    }

    private Effect<JobEvent, JobState> withoutJob(Command command) {
        return switch (command) {
            case Submit(var specification, var replyTo) -> reply(replyTo, new ViewReply(null));
            case Store(var from, var late, var replyTo) -> {
                replyTo.tell(new Stored("the job was deleted"));
                yield Effect().none();
            }
            case GetView(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Cancel(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Retry(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Delete(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Follow unknown -> Effect().none();
            case FollowerStopped(var follower) -> unfollow(follower);
            case TellFollowers.TELL_FOLLOWERS -> Effect().none();
            case Wake() -> Effect().none();
            case ProblemOver stray -> Effect().none();
            case Read stray -> Effect().none();
            case NotRead stray -> Effect().none();
            case Remind.REMIND -> Effect().none();
            case Allowed stray -> Effect().none();
            case Idle.IDLE -> passivate();
        };
    }

    private Effect<JobEvent, JobState> accepted(JobState.Accepted job, Command command) {
        return switch (command) {
            // An id that another tenant has used tells nothing of what stands behind it.
            case Submit(var specification, var replyTo) ->
                reply(
                        replyTo,
                        specification.owner().equals(job.specification().owner()) ? view(job) : new ViewReply(null));
            case Store(var from, var known, var replyTo) -> {
                replyTo.tell(new Stored(null));
                yield Effect().none();
            }
            case GetView(var replyTo) -> reply(replyTo, view(job));
            case Cancel(var replyTo) -> perform(job, machine.cancel(job, now()), after -> replyTo.tell(view(after)));
            case Retry(var replyTo) -> perform(job, machine.retry(job, now()), after -> replyTo.tell(view(after)));
            case Delete(var replyTo) ->
                perform(job, machine.delete(job, now()), after -> {
                    replyTo.tell(view(job));
                    if (after instanceof JobState.Deleted) {
                        publishLeaving(job);
                    }
                });
            case Follow(var follower) -> {
                if (followers.add(follower)) {
                    context.watchWith(follower, new FollowerStopped(follower));
                    follower.tell(JobFollowers.first(machine.view(job), machine.running()));
                }
                yield Effect().none();
            }
            case FollowerStopped(var follower) -> unfollow(follower);
            case TellFollowers.TELL_FOLLOWERS -> {
                followers.tell(machine.view(job));
                yield Effect().none();
            }
            case Wake() -> Effect().none();
            case ProblemOver(var over) -> perform(job, machine.problemOver(job, over, now()));
            case Read(var scan, var read) -> perform(job, machine.read(job, scan, read, now()));
            case NotRead(var scan, var failure) -> {
                context.getLog().warn("the problems of a job must be readable: {}", failure.getMessage());
                yield perform(job, machine.notRead(job, scan, failure.getMessage(), now()));
            }
            case Remind.REMIND -> perform(job, machine.reminded(job));
            case Allowed(var allowance) -> perform(job, machine.allowed(job, allowance, now()));
            case Idle.IDLE ->
                job.over() && followers.isEmpty() ? passivate() : Effect().none();
        };
    }

    // ---- effects

    private Effect<JobEvent, JobState> perform(JobState.Accepted job, JobMachine.Reaction reaction) {
        return perform(job, reaction, after -> {});
    }

    /** @param answer given the state after the reaction */
    private Effect<JobEvent, JobState> perform(
            JobState.Accepted job, JobMachine.Reaction reaction, Consumer<JobState> answer) {
        return switch (reaction) {
            case JobMachine.Reaction.Do(var effects) -> {
                perform(job, effects);
                answer.accept(job);
                yield Effect().none();
            }
            case JobMachine.Reaction.Write(var event) -> write(event, answer);
        };
    }

    private Effect<JobEvent, JobState> write(JobEvent event, Consumer<JobState> answer) {
        return Effect().persist(event).thenRun(state -> {
            perform(state, machine.written(state, event));
            answer.accept(state);
        });
    }

    private void perform(JobState state, List<JobMachine.Effect> effects) {
        for (var effect : effects) {
            switch (effect) {
                case JobMachine.Effect.Start(var specification) ->
                    problem(specification.problem()).tell(new Problem.Start(specification, fromProblems));
                case JobMachine.Effect.CancelProblem(var problem) ->
                    problem(problem).tell(new Problem.Cancel());
                case JobMachine.Effect.Read(var scan, var from, var count) ->
                    context.pipeToSelf(
                            questions.page(id, from, count),
                            (read, failure) -> failure == null ? new Read(scan, read) : new NotRead(scan, failure));
                case JobMachine.Effect.State(var claim) ->
                    admission.tell(new Admission.State(id, claim, fromAdmission));
                case JobMachine.Effect.TellChange(var problem, var status) -> {
                    followers.changed(problem, status);
                    tellFollowersSoon();
                }
                case JobMachine.Effect.TellStanding() -> {
                    publishStanding(state);
                    tellFollowersSoon();
                }
                case JobMachine.Effect.Remind(var on) -> remind(on);
                case JobMachine.Effect.Rest(var on) -> rest(on);
            }
        }
    }

    private void store(Store store) {
        questions
                .store(id, store.from(), store.questions())
                .whenComplete((stored, failure) -> store.replyTo()
                        .tell(new Stored(
                                failure == null ? null : "the problems could not be stored: " + failure.getMessage())));
    }

    private void remind(boolean on) {
        if (!on) {
            timers.cancel(Remind.REMIND);
        } else if (!timers.isTimerActive(Remind.REMIND)) {
            timers.startTimerWithFixedDelay(Remind.REMIND, REMINDER_INTERVAL);
        }
    }

    private void rest(boolean on) {
        if (on) {
            context.setReceiveTimeout(KEPT_AFTER_THE_END, Idle.IDLE);
        } else {
            context.cancelReceiveTimeout();
        }
    }

    private Effect<JobEvent, JobState> unfollow(ActorRef<JobUpdate> follower) {
        followers.remove(follower);
        return Effect().none();
    }

    private void tellFollowersSoon() {
        if (!followers.isEmpty() && !timers.isTimerActive(TellFollowers.TELL_FOLLOWERS)) {
            timers.startSingleTimer(TellFollowers.TELL_FOLLOWERS, UPDATE_INTERVAL);
        }
    }

    private void publishStanding(JobState state) {
        if (state instanceof JobState.Accepted job) {
            var view = machine.view(job);
            publish(new JobFact.Stands(id, view.status(), view.waiting() == null ? List.of() : view.waiting()));
        }
    }

    private void publishLeaving(JobState state) {
        if (state instanceof JobState.Accepted) {
            publish(new JobFact.Left(id));
        }
    }

    private void publish(JobFact fact) {
        context.getSystem().eventStream().tell(new EventStream.Publish<>(fact));
    }

    private EntityRef<Problem.Command> problem(String problem) {
        return sharding.entityRefFor(Problem.TYPE, Problem.entityId(id, problem));
    }

    private Effect<JobEvent, JobState> passivate() {
        shard.tell(new ClusterSharding.Passivate<>(context.getSelf()));
        return Effect().none();
    }

    private Effect<JobEvent, JobState> reply(ActorRef<ViewReply> replyTo, ViewReply reply) {
        replyTo.tell(reply);
        return Effect().none();
    }

    private ViewReply view(JobState state) {
        return new ViewReply(state instanceof JobState.Accepted job ? machine.view(job) : null);
    }

    private long now() {
        return clockMillis.getAsLong();
    }
}
