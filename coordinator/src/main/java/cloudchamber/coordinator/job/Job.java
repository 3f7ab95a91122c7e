package cloudchamber.coordinator.job;

import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.protocol.WireMessage;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    private record ProblemOver(Problem.Over over) implements Command {}

    /** Asks again after the problems that run: whoever was to tell us may be gone. */
    private enum Remind implements Command {
        REMIND
    }

    /** @param view null if the job is unknown */
    public record ViewReply(JobView view) implements WireMessage {}

    // ---- creation

    public static final EntityTypeKey<Command> TYPE = EntityTypeKey.create(Command.class, "job");

    /**
     * @param clockMillis milliseconds since 1970
     */
    public static Behavior<Command> create(
            String id, JobSettings settings, ClusterSharding sharding, LongSupplier clockMillis) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new Job(context, timers, id, settings, sharding, clockMillis)));
    }

    private static final Duration REMINDER_INTERVAL = Duration.ofSeconds(2);
    private static final Duration UPDATE_INTERVAL = Duration.ofMillis(250);
    private static final int ORDER_BITS_FOR_INDEX = 20;

    private final TimerScheduler<Command> timers;
    private final JobSettings settings;
    private final ClusterSharding sharding;
    private final LongSupplier clockMillis;
    private final ActorRef<Problem.Over> fromProblems;
    private final Set<String> cancelling = new HashSet<>();
    private final Set<ActorRef<JobUpdate>> followers = new HashSet<>();
    private final Map<String, ProblemStatus> changed = new LinkedHashMap<>();
    private final ActorContext<Command> context;
    private int started;

    private Job(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            String id,
            JobSettings settings,
            ClusterSharding sharding,
            LongSupplier clockMillis) {
        super(PersistenceId.of(TYPE.name(), id), JournalEvent.READ_AGAIN);
        this.context = context;
        this.timers = timers;
        this.settings = settings;
        this.sharding = sharding;
        this.clockMillis = clockMillis;
        this.fromProblems = context.messageAdapter(Problem.Over.class, ProblemOver::new);
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
                Effect()
                        .persist(new JobEvent.Accepted(JobEvent.SCHEMA, specification, now()))
                        .thenRun(state -> {
                            replyTo.tell(view(state));
                            proceed(state);
                        });
            case GetView(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Follow unknown -> Effect().none();
            case FollowerStopped(var follower) -> unfollow(follower);
            case TellFollowers.TELL_FOLLOWERS -> Effect().none();
            case Cancel(var replyTo) -> reply(replyTo, new ViewReply(null));
            case Wake() -> Effect().none();
            case ProblemOver stray -> Effect().none();
            case Remind.REMIND -> Effect().none();
        };
    }

    private Effect<JobEvent, JobState> accepted(JobState.Accepted job, Command command) {
        return switch (command) {
            case Submit(var specification, var replyTo) -> reply(replyTo, view(job));
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
            case Wake() -> Effect().none();
            case ProblemOver(var over) -> onProblemOver(job, over);
            case Remind.REMIND -> {
                onReminder(job);
                yield Effect().none();
            }
        };
    }

    // ---- handlers

    private Effect<JobEvent, JobState> onCancel(JobState.Accepted job, ActorRef<ViewReply> replyTo) {
        if (job.over()) {
            return reply(replyTo, view(job));
        }
        return Effect().persist(new JobEvent.Cancelled(JobEvent.SCHEMA, now())).thenRun(state -> {
            replyTo.tell(view(state));
            running(job).forEach(question -> changes(question.id(), ProblemStatus.CANCELLED));
            publishStatus(state);
            running(job).forEach(question -> cancelling.add(question.id()));
            cancelProblems(job);
        });
    }

    private Effect<JobEvent, JobState> onProblemOver(JobState.Accepted job, Problem.Over over) {
        cancelling.remove(over.problem());
        if (job.over() || job.ended().containsKey(over.problem())) {
            return Effect().none();
        }
        return Effect()
                .persist(new JobEvent.ProblemEnded(JobEvent.SCHEMA, over.problem(), over.status(), now()))
                .thenRun(state -> {
                    changes(over.problem(), over.status());
                    proceed(state);
                });
    }

    private void follow(JobState.Accepted job, ActorRef<JobUpdate> follower) {
        if (followers.add(follower)) {
            context.watchWith(follower, new FollowerStopped(follower));
            follower.tell(new JobUpdate(
                    JobView.summary(job, started),
                    running(job).stream()
                            .map(question -> new JobUpdate.Change(question.id(), ProblemStatus.RUNNING))
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
            startAgain(job);
        }
    }

    // ---- effects

    /** Problems are started in order, so those before one that has ended had been started. */
    private void resume(JobState state) {
        if (state instanceof JobState.Accepted job) {
            var problems = job.specification().problems();
            for (int index = 0; index < problems.size(); index++) {
                if (job.ended().containsKey(problems.get(index).id())) {
                    started = index + 1;
                }
            }
            if (!job.over()) {
                startAgain(job);
            }
        }
        proceed(state);
    }

    /** Starts as many problems as fit. */
    private void proceed(JobState state) {
        startMore(state);
        publishStatus(state);
    }

    private void startMore(JobState state) {
        if (state instanceof JobState.Accepted job) {
            if (job.over()) {
                timers.cancel(Remind.REMIND);
                return;
            }
            if (!timers.isTimerActive(Remind.REMIND)) {
                timers.startTimerWithFixedDelay(Remind.REMIND, REMINDER_INTERVAL);
            }
            int total = job.specification().problems().size();
            while (started < total && started - job.ended().size() < settings.maxProblemsInFlight()) {
                changes(job.specification().problems().get(started).id(), ProblemStatus.RUNNING);
                start(job, started++);
            }
        }
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
                JobView.summary(job, started),
                changed.entrySet().stream()
                        .map(change -> new JobUpdate.Change(change.getKey(), change.getValue()))
                        .toList());
        changed.clear();
        followers.forEach(follower -> follower.tell(update));
    }

    private void publishStatus(JobState state) {
        if (state instanceof JobState.Accepted job) {
            publish(new JobFact.Stands(job.specification().id(), JobView.status(job, started)));
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

    /** The problems that were started and have not ended. */
    private List<JobSpecification.Question> running(JobState.Accepted job) {
        return job.specification().problems().subList(0, started).stream()
                .filter(question -> !job.ended().containsKey(question.id()))
                .toList();
    }

    /** Says it to each problem until it says that it is over. */
    private void cancelProblems(JobState.Accepted job) {
        if (cancelling.isEmpty()) {
            timers.cancel(Remind.REMIND);
        }
        running(job).stream()
                .filter(question -> cancelling.contains(question.id()))
                .forEach(question -> problem(job, question).tell(new Problem.Cancel()));
    }

    private void startAgain(JobState.Accepted job) {
        for (int index = 0; index < started; index++) {
            if (!job.ended()
                    .containsKey(job.specification().problems().get(index).id())) {
                start(job, index);
            }
        }
    }

    private void start(JobState.Accepted job, int index) {
        var specification = job.specification();
        var question = specification.problems().get(index);
        problem(job, question)
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
                                job.acceptedAtMillis() << ORDER_BITS_FOR_INDEX | index),
                        fromProblems));
    }

    private EntityRef<Problem.Command> problem(JobState.Accepted job, JobSpecification.Question question) {
        return sharding.entityRefFor(
                Problem.TYPE, Problem.entityId(job.specification().id(), question.id()));
    }

    private Effect<JobEvent, JobState> reply(ActorRef<ViewReply> replyTo, ViewReply reply) {
        replyTo.tell(reply);
        return Effect().none();
    }

    private ViewReply view(JobState state) {
        return switch (state) {
            case JobState.Unknown unknown -> new ViewReply(null);
            case JobState.Accepted job -> new ViewReply(JobView.of(job, started));
        };
    }

    private long now() {
        return clockMillis.getAsLong();
    }
}
