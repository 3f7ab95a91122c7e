package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.sweep.SweepPlan.CellJob;
import cloudchamber.protocol.WireMessage;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
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

    private record JobSeen(JobView job) implements Command {}

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

    private final TimerScheduler<Command> timers;
    private final SweepSettings settings;
    private final ClusterSharding sharding;
    private final LongSupplier clockMillis;
    private final ActorRef<Job.ViewReply> fromJobs;
    private final Set<String> submitted = new HashSet<>();
    private final Map<String, JobView> seen = new HashMap<>();

    private Sweep(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            String id,
            SweepSettings settings,
            ClusterSharding sharding,
            LongSupplier clockMillis) {
        super(PersistenceId.of(TYPE.name(), id));
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
            case JobSeen stray -> Effect().none();
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
            case JobSeen(var job) -> onJobSeen(sweep, job);
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
        seen.put(job.id(), job);
        if (sweep.status() == SweepStatus.RUNNING
                && sweep.specification().plan().jobs().stream().allMatch(each -> over(each.id()))) {
            return Effect()
                    .persist(new SweepEvent.Ended(SweepEvent.SCHEMA, now()))
                    .thenRun(this::proceed);
        }
        if (over(job.id())) {
            proceed(sweep);
        }
        return Effect().none();
    }

    /** Asks after what runs; what was submitted and never answered is submitted again. */
    private Effect<SweepEvent, SweepState> onTick(SweepState.Known sweep) {
        for (var job : sweep.specification().plan().jobs()) {
            if (submitted.contains(job.id()) && !over(job.id())) {
                if (sweep.status() == SweepStatus.CANCELLED) {
                    cancel(job);
                } else if (seen.containsKey(job.id())) {
                    sharding.entityRefFor(Job.TYPE, job.id()).tell(new Job.GetView(fromJobs));
                } else {
                    submit(sweep, job);
                }
            }
        }
        proceed(sweep);
        return Effect().none();
    }

    // ---- effects

    private void proceed(SweepState state) {
        if (!(state instanceof SweepState.Known sweep)) {
            return;
        }
        switch (sweep.status()) {
            case RUNNING -> startMore(sweep);
            case PAUSED -> {}
            case CANCELLED -> sweep.specification().plan().jobs().forEach(job -> submitted.add(job.id()));
            case ENDED -> {
                if (seen.isEmpty()) {
                    // After a restart: what the jobs came to is asked once.
                    sweep.specification()
                            .plan()
                            .jobs()
                            .forEach(job ->
                                    sharding.entityRefFor(Job.TYPE, job.id()).tell(new Job.GetView(fromJobs)));
                }
            }
        }
        boolean open = sweep.status() != SweepStatus.ENDED
                && sweep.specification().plan().jobs().stream().anyMatch(job -> !over(job.id()));
        if (!open) {
            timers.cancel(Tick.TICK);
        } else if (!timers.isTimerActive(Tick.TICK)) {
            timers.startTimerWithFixedDelay(Tick.TICK, TICK_INTERVAL);
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

    private void cancel(CellJob job) {
        sharding.entityRefFor(Job.TYPE, job.id()).tell(new Job.Cancel(fromJobs));
    }

    private boolean over(String job) {
        var view = seen.get(job);
        return view != null
                && switch (view.status()) {
                    case SUCCEEDED, FAILED, CANCELLED -> true;
                    case QUEUED, RUNNING -> false;
                };
    }

    private Effect<SweepEvent, SweepState> persist(SweepEvent event, ActorRef<ViewReply> replyTo) {
        return Effect().persist(event).thenRun(state -> {
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
        return new SweepView.JobLine(
                job.id(), job.dataSet(), JobStatus.QUEUED, new JobView.Counts(total, total, 0, 0, 0, 0));
    }

    private long now() {
        return clockMillis.getAsLong();
    }
}
