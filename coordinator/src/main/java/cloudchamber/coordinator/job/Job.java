package cloudchamber.coordinator.job;

import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.protocol.wire.WireMessage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
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

/** The actor of one job: starts its problems, a bounded number at a time, and counts how they end. */
public final class Job extends EventSourcedBehavior<Job.Command, JobEvent, JobState> {

    // ---- protocol

    public sealed interface Command {}

    /** Accepts the job, or says that it was accepted before. */
    public record Submit(JobSpecification specification, ActorRef<ViewReply> replyTo) implements Command, WireMessage {}

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

    /** Asks again after the problems that run: whoever was to tell us may be gone. */
    private enum Remind implements Command {
        REMIND
    }

    private record MayStart(Admission.Granted granted) implements Command {}

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
    private static final int ORDER_BITS_FOR_INDEX = 20;

    /** A job that recovers has the same address as before; its number tells its lives apart. */
    private static final AtomicLong LIVES = new AtomicLong();

    private final TimerScheduler<Command> timers;
    private final JobSettings settings;
    private final ClusterSharding sharding;
    private final Questions questions;
    private final LongSupplier clockMillis;
    private final ActorRef<Admission.Command> admission;
    private final ActorRef<ClusterSharding.ShardCommand> shard;
    private final ActorRef<Problem.Over> fromProblems;
    private final ActorRef<Admission.Granted> fromAdmission;
    private final long life = LIVES.incrementAndGet();

    // What the shell knows beside the journal; rebuilt after a crash.
    private final Map<String, Numbered> running = new LinkedHashMap<>();
    private final Deque<Numbered> ahead = new ArrayDeque<>();
    private final Set<String> cancelling = new HashSet<>();
    private final Set<ActorRef<JobUpdate>> followers = new HashSet<>();
    private final Map<String, ProblemStatus> changed = new LinkedHashMap<>();
    private final ActorContext<Command> context;
    private int scan;
    private int nextToRead;
    private boolean reading;
    /** Granted and not used. */
    private int places;

    private int wanted;

    /** @param index in the order of the job */
    private record Numbered(int index, JobSpecification.Question question) {}

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
        this.settings = settings;
        this.sharding = sharding;
        this.admission = admission;
        this.shard = shard;
        this.questions = questions;
        this.clockMillis = clockMillis;
        this.fromProblems = context.messageAdapter(Problem.Over.class, ProblemOver::new);
        this.fromAdmission = context.messageAdapter(Admission.Granted.class, MayStart::new);
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
            case JobState.Unknown unknown -> beforeSubmission(command);
            case JobState.Accepted job -> accepted(job, command);
            case JobState.Deleted deleted -> afterDeletion(command);
        };
    }

    @Override
    public SignalHandler<JobState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), this::resume)
                .onSignal(PostStop.instance(), this::publishLeaving)
                .build();
    }

    private Effect<JobEvent, JobState> beforeSubmission(Command command) {
        return switch (command) {
            case Submit(var specification, var replyTo) ->
                Effect().persist(JobEvent.Accepted.of(specification, now())).thenRun(state -> {
                    replyTo.tell(view(state));
                    proceed(state);
                });
            case GetView(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Follow unknown -> Effect().none();
            case FollowerStopped(var follower) -> unfollow(follower);
            case TellFollowers.TELL_FOLLOWERS -> Effect().none();
            case Cancel(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Retry(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Delete(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Wake() -> Effect().none();
            case ProblemOver stray -> Effect().none();
            case Read stray -> Effect().none();
            case NotRead stray -> Effect().none();
            case Remind.REMIND -> Effect().none();
            case MayStart stray -> Effect().none();
            case Idle.IDLE -> passivate();
        };
    }

    private Effect<JobEvent, JobState> afterDeletion(Command command) {
        return switch (command) {
            case Submit(var specification, var replyTo) -> reply(replyTo, new ViewReply(null));
            case GetView(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Follow unknown -> Effect().none();
            case FollowerStopped(var follower) -> unfollow(follower);
            case TellFollowers.TELL_FOLLOWERS -> Effect().none();
            case Cancel(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Retry(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Delete(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Wake() -> Effect().none();
            case ProblemOver stray -> Effect().none();
            case Read stray -> Effect().none();
            case NotRead stray -> Effect().none();
            case Remind.REMIND -> Effect().none();
            case MayStart stray -> Effect().none();
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
            case GetView(var replyTo) -> reply(replyTo, view(job));
            case Follow(var follower) -> {
                follow(job, follower);
                yield Effect().none();
            }
            case FollowerStopped(var follower) -> unfollow(follower);
            case TellFollowers.TELL_FOLLOWERS -> {
                tellFollowers(job);
                yield Effect().none();
            }
            case Cancel(var replyTo) -> onCancel(job, replyTo);
            case Retry(var replyTo) -> onRetry(job, replyTo);
            case Delete(var replyTo) -> onDelete(job, replyTo);
            case Wake() -> Effect().none();
            case ProblemOver(var over) -> onProblemOver(job, over);
            case Read(var ofScan, var read) -> {
                onRead(job, ofScan, read);
                yield Effect().none();
            }
            case NotRead(var ofScan, var failure) -> {
                onNotRead(ofScan, failure);
                yield Effect().none();
            }
            case Remind.REMIND -> {
                onReminder(job);
                yield Effect().none();
            }
            case MayStart(var granted) -> {
                onGranted(job, granted);
                yield Effect().none();
            }
            case Idle.IDLE ->
                job.over() && followers.isEmpty() ? passivate() : Effect().none();
        };
    }

    // ---- handlers

    private Effect<JobEvent, JobState> onCancel(JobState.Accepted job, ActorRef<ViewReply> replyTo) {
        if (job.over()) {
            return reply(replyTo, view(job));
        }
        return Effect().persist(new JobEvent.Cancelled(JobEvent.SCHEMA, now())).thenRun(state -> {
            replyTo.tell(view(state));
            running.keySet().forEach(problem -> changes(problem, ProblemStatus.CANCELLED));
            publishStatus(state);
            cancelling.addAll(running.keySet());
            wantPlaces(state);
            cancelProblems(job);
            waitForPassivation(state);
        });
    }

    private Effect<JobEvent, JobState> onRetry(JobState.Accepted job, ActorRef<ViewReply> replyTo) {
        if (job.cancelled() || !job.over() || job.ends().countFailed() == 0) {
            return reply(replyTo, view(job));
        }
        return Effect().persist(new JobEvent.Retried(JobEvent.SCHEMA, now())).thenRun(state -> {
            replyTo.tell(view(state));
            context.cancelReceiveTimeout();
            resume(state);
        });
    }

    private Effect<JobEvent, JobState> onDelete(JobState.Accepted job, ActorRef<ViewReply> replyTo) {
        if (!job.over()) {
            return reply(replyTo, view(job));
        }
        return Effect().persist(new JobEvent.Deleted(JobEvent.SCHEMA, now())).thenRun(state -> {
            replyTo.tell(view(job));
            publishLeaving(job);
            timers.cancel(Remind.REMIND);
            waitForPassivation(state);
        });
    }

    private Effect<JobEvent, JobState> onProblemOver(JobState.Accepted job, Problem.Over over) {
        cancelling.remove(over.problem());
        var ended = running.get(over.problem());
        if (job.cancelled() && running.remove(over.problem()) != null) {
            giveBackPlace();
        }
        if (job.over() || ended == null || over.attempt() != job.attempt(ended.index())) {
            return Effect().none();
        }
        return Effect()
                .persist(new JobEvent.ProblemEnded(
                        JobEvent.SCHEMA,
                        over.problem(),
                        over.status(),
                        now(),
                        ended.index(),
                        over.numericsClasses().stream()
                                .filter(one -> !job.numericsClasses().contains(one))
                                .toList()))
                .thenRun(state -> {
                    running.remove(over.problem());
                    changes(over.problem(), over.status());
                    proceed(state);
                    giveBackPlace();
                });
    }

    private void onRead(JobState.Accepted job, int ofScan, List<JobSpecification.Question> read) {
        if (ofScan == scan) {
            reading = false;
            for (var question : read) {
                ahead.add(new Numbered(nextToRead++, question));
            }
            proceed(job);
        }
    }

    private void onGranted(JobState.Accepted job, Admission.Granted granted) {
        if (granted.life() == life) {
            places += granted.places();
            startMore(job);
        }
    }

    private void onNotRead(int ofScan, Throwable failure) {
        if (ofScan == scan) {
            reading = false;
            context.getLog().warn("the problems of a job must be readable: {}", failure.getMessage());
        }
    }

    private void follow(JobState.Accepted job, ActorRef<JobUpdate> follower) {
        if (followers.add(follower)) {
            context.watchWith(follower, new FollowerStopped(follower));
            follower.tell(new JobUpdate(
                    JobView.of(job, running.size()),
                    running.keySet().stream()
                            .map(problem -> new JobUpdate.Change(problem, ProblemStatus.RUNNING))
                            .toList()));
        }
    }

    private Effect<JobEvent, JobState> unfollow(ActorRef<JobUpdate> follower) {
        followers.remove(follower);
        return Effect().none();
    }

    private void onReminder(JobState.Accepted job) {
        if (job.over()) {
            cancelProblems(job);
        } else {
            running.values().forEach(numbered -> start(job, numbered));
            wanted = 0;
            wantPlaces(job);
            startMore(job);
        }
    }

    // ---- effects

    /** Problems are started in order, so those that run are among the first that have not ended. */
    private void resume(JobState state) {
        if (state instanceof JobState.Accepted job) {
            scan++;
            reading = false;
            running.clear();
            ahead.clear();
            nextToRead = job.ends().firstOpen();
        }
        proceed(state);
        waitForPassivation(state);
    }

    private void proceed(JobState state) {
        wantPlaces(state);
        if (state instanceof JobState.Accepted job) {
            if (job.over()) {
                timers.cancel(Remind.REMIND);
                waitForPassivation(job);
            } else {
                if (!timers.isTimerActive(Remind.REMIND)) {
                    timers.startTimerWithFixedDelay(Remind.REMIND, REMINDER_INTERVAL);
                }
                startMore(job);
            }
        }
        publishStatus(state);
    }

    /** Starts as many problems as it has places for, as far as they have been read. */
    private void startMore(JobState.Accepted job) {
        while (places > 0 && !job.over() && !ahead.isEmpty()) {
            var next = ahead.remove();
            if (!job.ends().has(next.index())) {
                places--;
                changes(next.question().id(), ProblemStatus.RUNNING);
                running.put(next.question().id(), next);
                start(job, next);
            }
        }
        if (places > 0 && !job.over() && nextToRead < job.total() && !reading) {
            reading = true;
            int ofScan = scan;
            context.pipeToSelf(
                    questions.page(job.specification().id(), nextToRead, settings.maxProblemsInFlight()),
                    (read, failure) -> failure == null ? new Read(ofScan, read) : new NotRead(ofScan, failure));
        }
    }

    /** Says how many problems it would run at once, when that has changed. */
    private void wantPlaces(JobState state) {
        int now = state instanceof JobState.Accepted job && !job.over()
                ? Math.min(
                        settings.maxProblemsInFlight(), job.total() - job.ends().count())
                : 0;
        if (now != wanted) {
            wanted = now;
            admission.tell(new Admission.Want(fromAdmission, life, now, weight(state)));
        }
        if (now == 0) {
            while (places > 0) {
                places--;
                giveBackPlace();
            }
        }
    }

    private static double weight(JobState state) {
        return state instanceof JobState.Accepted job && job.specification().priority() != null
                ? job.specification().priority()
                : 1;
    }

    private void giveBackPlace() {
        admission.tell(new Admission.Return(fromAdmission, life));
    }

    private void waitForPassivation(JobState state) {
        if (!(state instanceof JobState.Accepted job) || job.over()) {
            context.setReceiveTimeout(KEPT_AFTER_THE_END, Idle.IDLE);
        }
    }

    private Effect<JobEvent, JobState> passivate() {
        shard.tell(new ClusterSharding.Passivate<>(context.getSelf()));
        return Effect().none();
    }

    // ---- who follows, and who counts

    private void changes(String problem, ProblemStatus status) {
        if (!followers.isEmpty()) {
            changed.put(problem, status);
            if (!timers.isTimerActive(TellFollowers.TELL_FOLLOWERS)) {
                timers.startSingleTimer(TellFollowers.TELL_FOLLOWERS, UPDATE_INTERVAL);
            }
        }
    }

    private void tellFollowers(JobState.Accepted job) {
        var update = new JobUpdate(
                JobView.of(job, running.size()),
                changed.entrySet().stream()
                        .map(change -> new JobUpdate.Change(change.getKey(), change.getValue()))
                        .toList());
        changed.clear();
        followers.forEach(follower -> follower.tell(update));
    }

    private void publishStatus(JobState state) {
        if (state instanceof JobState.Accepted job) {
            publish(new JobFact.Stands(job.specification().id(), JobView.status(job, running.size())));
        }
    }

    private void publishLeaving(JobState state) {
        if (state instanceof JobState.Accepted job) {
            publish(new JobFact.Left(job.specification().id()));
        }
    }

    private void publish(JobFact fact) {
        context.getSystem().eventStream().tell(new EventStream.Publish<>(fact));
    }

    /** Says it to each problem until it says that it is over. */
    private void cancelProblems(JobState.Accepted job) {
        if (cancelling.isEmpty()) {
            timers.cancel(Remind.REMIND);
        }
        running.values().stream()
                .filter(numbered -> cancelling.contains(numbered.question().id()))
                .forEach(numbered -> problem(job, numbered).tell(new Problem.Cancel()));
    }

    private void start(JobState.Accepted job, Numbered numbered) {
        var specification = job.specification();
        var question = numbered.question();
        int attempt = job.attempt(numbered.index());
        problem(job, numbered)
                .tell(new Problem.Start(
                        new ProblemSpecification(
                                specification.id(),
                                question.id(),
                                question.prompt(),
                                specification.method(),
                                specification.policy(),
                                specification.prm(),
                                specification.sampling(),
                                specification.limits(),
                                specification.stops(),
                                specification.seed(),
                                specification.grader(),
                                job.acceptedAtMillis() << ORDER_BITS_FOR_INDEX | numbered.index(),
                                attempt == 0 ? null : attempt,
                                specification.budget(),
                                specification.priority(),
                                specification.numericsFamily()),
                        fromProblems));
    }

    private EntityRef<Problem.Command> problem(JobState.Accepted job, Numbered numbered) {
        return sharding.entityRefFor(
                Problem.TYPE,
                Problem.entityId(job.specification().id(), numbered.question().id()));
    }

    private Effect<JobEvent, JobState> reply(ActorRef<ViewReply> replyTo, ViewReply reply) {
        replyTo.tell(reply);
        return Effect().none();
    }

    private ViewReply view(JobState state) {
        return switch (state) {
            case JobState.Unknown unknown -> new ViewReply(null);
            case JobState.Accepted job -> new ViewReply(JobView.of(job, running.size()));
            case JobState.Deleted deleted -> new ViewReply(null);
        };
    }

    private long now() {
        return clockMillis.getAsLong();
    }
}
