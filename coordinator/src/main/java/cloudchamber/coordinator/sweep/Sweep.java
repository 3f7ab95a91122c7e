package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.coordinator.sweep.SweepPlan.CellJob;
import cloudchamber.protocol.wire.WireMessage;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
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

/**
 * The actor of one sweep: submits its jobs, several at a time so that no slot waits for the last problems of a cell,
 * and sees them through.
 */
public final class Sweep extends EventSourcedBehavior<Sweep.Command, SweepEvent, SweepState> {
    /*
     * What a job has done is the job's to remember. A sweep keeps its specification and whether it may start jobs; after
     * a restart it submits its jobs again in order, which a job that was accepted before answers with where it is.
     */

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

    private record JobSeen(JobView job) implements Command {}

    /** No such job was ever accepted, or it was deleted since. */
    private record JobAbsent(String job) implements Command {}

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
    private final SweepSettings settings;
    private final ClusterSharding sharding;
    private final LongSupplier clockMillis;
    private final ActorRef<Job.ViewReply> fromJobs;
    private final Set<String> submitted = new HashSet<>();
    private final Map<String, JobView> seen = new HashMap<>();
    private final Set<String> absent = new HashSet<>();
    private final Set<ActorRef<ViewReply>> followers = new HashSet<>();

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
        this.settings = settings;
        this.sharding = sharding;
        this.clockMillis = clockMillis;
        this.fromJobs = context.messageAdapter(Job.ViewReply.class, reply -> new JobSeen(reply.view()));
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
            case SweepState.Unknown unknown -> beforeSubmission(command);
            case SweepState.Known sweep -> known(sweep, command);
        };
    }

    @Override
    public SignalHandler<SweepState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), this::proceed)
                .build();
    }

    private Effect<SweepEvent, SweepState> beforeSubmission(Command command) {
        return switch (command) {
            case Submit(var specification, var replyTo) ->
                persist(new SweepEvent.Accepted(SweepEvent.SCHEMA, specification, now()), replyTo);
            case GetView(var replyTo) -> unknown(replyTo);
            case Pause(var replyTo) -> unknown(replyTo);
            case Resume(var replyTo) -> unknown(replyTo);
            case Cancel(var replyTo) -> unknown(replyTo);
            case Retry(var replyTo) -> unknown(replyTo);
            case GetSpecification(var replyTo) -> {
                replyTo.tell(new SpecificationReply(null));
                yield Effect().none();
            }
            case Follow unknown -> Effect().none();
            case FollowerStopped(var follower) -> unfollow(follower);
            case TellFollowers.TELL_FOLLOWERS -> Effect().none();
            case JobSeen stray -> Effect().none();
            case JobAbsent stray -> Effect().none();
            case Tick.TICK -> Effect().none();
        };
    }

    private Effect<SweepEvent, SweepState> known(SweepState.Known sweep, Command command) {
        return switch (command) {
            case Submit(var specification, var replyTo) -> onSubmit(sweep, specification, replyTo);
            case GetView(var replyTo) -> reply(sweep, replyTo);
            case GetSpecification(var replyTo) -> {
                replyTo.tell(new SpecificationReply(sweep.specification()));
                yield Effect().none();
            }
            case Pause(var replyTo) ->
                sweep.status() == SweepStatus.RUNNING
                        ? persist(new SweepEvent.Paused(SweepEvent.SCHEMA, now()), replyTo)
                        : reply(sweep, replyTo);
            case Resume(var replyTo) ->
                sweep.status() == SweepStatus.PAUSED
                        ? persist(new SweepEvent.Resumed(SweepEvent.SCHEMA, now()), replyTo)
                        : reply(sweep, replyTo);
            case Cancel(var replyTo) ->
                sweep.status() == SweepStatus.RUNNING || sweep.status() == SweepStatus.PAUSED
                        ? persist(new SweepEvent.Cancelled(SweepEvent.SCHEMA, now()), replyTo)
                        : reply(sweep, replyTo);
            case Retry(var replyTo) -> onRetry(sweep, replyTo);
            case Follow(var follower) -> {
                follow(sweep, follower);
                yield Effect().none();
            }
            case FollowerStopped(var follower) -> unfollow(follower);
            case TellFollowers.TELL_FOLLOWERS -> {
                var reply = new ViewReply(view(sweep));
                followers.forEach(follower -> follower.tell(reply));
                yield Effect().none();
            }
            case JobSeen(var job) -> onJobSeen(sweep, job);
            case JobAbsent(var job) -> {
                if (sweep.status() == SweepStatus.CANCELLED || sweep.status() == SweepStatus.ENDED) {
                    absent.add(job);
                    changed();
                }
                yield Effect().none();
            }
            case Tick.TICK -> onTick(sweep);
        };
    }

    // ---- handlers

    private Effect<SweepEvent, SweepState> onSubmit(
            SweepState.Known sweep, SweepSpecification specification, ActorRef<ViewReply> replyTo) {
        boolean same = sweep.specification().equals(specification);
        return switch (sweep.status()) {
            case CANCELLED -> reply(sweep, replyTo);
            case RUNNING, ENDED ->
                same
                        ? reply(sweep, replyTo)
                        : persist(new SweepEvent.Accepted(SweepEvent.SCHEMA, specification, now()), replyTo);
            case PAUSED ->
                persist(
                        same
                                ? new SweepEvent.Resumed(SweepEvent.SCHEMA, now())
                                : new SweepEvent.Accepted(SweepEvent.SCHEMA, specification, now()),
                        replyTo);
        };
    }

    /** What is known of a job that failed is forgotten, so that it is asked after again. */
    private Effect<SweepEvent, SweepState> onRetry(SweepState.Known sweep, ActorRef<ViewReply> replyTo) {
        var failed = sweep.specification().plan().jobs().stream()
                .map(CellJob::id)
                .filter(job -> seen.containsKey(job) && seen.get(job).status() == JobStatus.FAILED)
                .toList();
        if (failed.isEmpty() || sweep.status() == SweepStatus.CANCELLED) {
            return reply(sweep, replyTo);
        }
        failed.forEach(job -> {
            seen.remove(job);
            submitted.add(job);
            sharding.entityRefFor(Job.TYPE, job).tell(new Job.Retry(fromJobs));
        });
        return persist(new SweepEvent.Resumed(SweepEvent.SCHEMA, now()), replyTo);
    }

    private Effect<SweepEvent, SweepState> onJobSeen(SweepState.Known sweep, JobView job) {
        if (job == null) {
            return Effect().none();
        }
        if (!job.equals(seen.put(job.id(), job))) {
            changed();
        }
        if (sweep.status() == SweepStatus.RUNNING
                && sweep.specification().plan().jobs().stream().allMatch(each -> over(each.id()))) {
            return Effect()
                    .persist(new SweepEvent.Ended(SweepEvent.SCHEMA, now()))
                    .thenRun(state -> {
                        changed();
                        proceed(state);
                    });
        }
        if (over(job.id())) {
            proceed(sweep);
        }
        return Effect().none();
    }

    /** Asks after what runs; what was submitted and never answered is submitted again. */
    private Effect<SweepEvent, SweepState> onTick(SweepState.Known sweep) {
        for (var job : sweep.specification().plan().jobs()) {
            if (!over(job.id())) {
                switch (sweep.status()) {
                    case CANCELLED -> ask(job, Job.Cancel::new);
                    case ENDED -> ask(job, Job.GetView::new);
                    case RUNNING, PAUSED -> askAfter(sweep, job);
                }
            }
        }
        proceed(sweep);
        return Effect().none();
    }

    private void askAfter(SweepState.Known sweep, CellJob job) {
        if (seen.containsKey(job.id())) {
            sharding.entityRefFor(Job.TYPE, job.id()).tell(new Job.GetView(fromJobs));
        } else if (submitted.contains(job.id())) {
            submit(sweep, job);
        }
    }

    private void follow(SweepState.Known sweep, ActorRef<ViewReply> follower) {
        if (followers.add(follower)) {
            context.watchWith(follower, new FollowerStopped(follower));
            follower.tell(new ViewReply(view(sweep)));
        }
    }

    private Effect<SweepEvent, SweepState> unfollow(ActorRef<ViewReply> follower) {
        followers.remove(follower);
        return Effect().none();
    }

    // ---- effects

    private void proceed(SweepState state) {
        if (!(state instanceof SweepState.Known sweep)) {
            return;
        }
        if (sweep.status() == SweepStatus.RUNNING) {
            startMore(sweep);
        }
        boolean open = sweep.specification().plan().jobs().stream().anyMatch(job -> !over(job.id()));
        if (!open) {
            timers.cancel(Tick.TICK);
        } else if (!timers.isTimerActive(Tick.TICK)) {
            boolean asks = sweep.status() == SweepStatus.CANCELLED || sweep.status() == SweepStatus.ENDED;
            timers.startTimerWithFixedDelay(Tick.TICK, asks ? Duration.ZERO : TICK_INTERVAL, TICK_INTERVAL);
        }
    }

    /** Submits as many jobs as keep the slots full. */
    private void startMore(SweepState.Known sweep) {
        long open = sweep.specification().plan().jobs().stream()
                .filter(job -> submitted.contains(job.id()))
                .mapToLong(job -> openProblems(sweep, job))
                .sum();
        for (var job : sweep.specification().plan().jobs()) {
            if (open >= settings.maxOpenProblems()) {
                return;
            }
            if (submitted.add(job.id())) {
                submit(sweep, job);
                open += openProblems(sweep, job);
            }
        }
    }

    private long openProblems(SweepState.Known sweep, CellJob job) {
        var view = seen.get(job.id());
        return view == null
                ? sweep.specification().dataSet(job.dataSet()).items().size()
                : (long) view.counts().queued() + view.counts().running();
    }

    private void submit(SweepState.Known sweep, CellJob job) {
        sharding.entityRefFor(Job.TYPE, job.id())
                .tell(new Job.Submit(sweep.specification().job(job), fromJobs));
    }

    /** Has a job answer that may not exist. */
    private void ask(CellJob job, Function<ActorRef<Job.ViewReply>, Job.Command> command) {
        context.ask(
                Job.ViewReply.class,
                sharding.entityRefFor(Job.TYPE, job.id()),
                JOB_LIMIT,
                command::apply,
                (reply, failure) -> failure == null && reply.view() == null
                        ? new JobAbsent(job.id())
                        : new JobSeen(failure == null ? reply.view() : null));
    }

    private boolean over(String job) {
        var view = seen.get(job);
        return view == null
                ? absent.contains(job)
                : switch (view.status()) {
                    case SUCCEEDED, FAILED, CANCELLED -> true;
                    case QUEUED, RUNNING -> false;
                };
    }

    private void changed() {
        if (!followers.isEmpty() && !timers.isTimerActive(TellFollowers.TELL_FOLLOWERS)) {
            timers.startSingleTimer(TellFollowers.TELL_FOLLOWERS, UPDATE_INTERVAL);
        }
    }

    private Effect<SweepEvent, SweepState> persist(SweepEvent event, ActorRef<ViewReply> replyTo) {
        return Effect().persist(event).thenRun(state -> {
            changed();
            absent.clear();
            proceed(state);
            if (state instanceof SweepState.Known sweep) {
                replyTo.tell(new ViewReply(view(sweep)));
            }
        });
    }

    private Effect<SweepEvent, SweepState> reply(SweepState.Known sweep, ActorRef<ViewReply> replyTo) {
        replyTo.tell(new ViewReply(view(sweep)));
        return Effect().none();
    }

    private Effect<SweepEvent, SweepState> unknown(ActorRef<ViewReply> replyTo) {
        replyTo.tell(new ViewReply(null));
        return Effect().none();
    }

    private SweepView view(SweepState.Known sweep) {
        var specification = sweep.specification();
        return new SweepView(
                specification.id(),
                specification.name(),
                sweep.status(),
                sweep.acceptedAtMillis(),
                sweep.changedAtMillis(),
                specification.dataSets().stream().map(DataSet::summary).toList(),
                specification.plan().cells(),
                specification.plan().jobs().stream()
                        .map(job -> line(sweep, job))
                        .toList(),
                specification.skipped());
    }

    private SweepView.JobLine line(SweepState.Known sweep, CellJob job) {
        var view = seen.get(job.id());
        if (view != null) {
            return new SweepView.JobLine(job.id(), job.dataSet(), view.status(), view.counts());
        }
        int total = sweep.specification().dataSet(job.dataSet()).items().size();
        boolean never = absent.contains(job.id());
        return new SweepView.JobLine(
                job.id(),
                job.dataSet(),
                never ? JobStatus.CANCELLED : JobStatus.QUEUED,
                new JobView.Counts(total, never ? 0 : total, 0, 0, 0, never ? total : 0));
    }

    private long now() {
        return clockMillis.getAsLong();
    }
}
