package cloudchamber.coordinator.http.sweeps;

import cloudchamber.coordinator.access.Tenant;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.api.ProblemLine;
import cloudchamber.coordinator.http.live.EventStreamActor;
import cloudchamber.coordinator.http.live.ServerEvents;
import cloudchamber.coordinator.http.sweeps.SweepDocument.Counts;
import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.coordinator.problem.ProblemView;
import cloudchamber.coordinator.sweep.Sweep;
import cloudchamber.coordinator.sweep.SweepSpecification;
import cloudchamber.coordinator.sweep.SweepSpecification.Reference;
import cloudchamber.coordinator.sweep.SweepStatus;
import cloudchamber.coordinator.sweep.SweepView;
import cloudchamber.coordinator.sweep.SweepView.JobLine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.util.ByteString;

/**
 * The events of one sweep: {@code snapshot}, then {@code progress} for what has changed, and {@code end}. Answers are
 * judged here as they come, so that the curves rise while the sweep runs. A sweep that takes other cells ends the
 * stream, and a client that comes back is told of those.
 */
public final class SweepEventStream implements EventStreamActor.Content<SweepEventStream.Heard> {
    /*
     * A job's problems are read from the read model when its count has grown by a hundredth, so that a job of any
     * size is read about a hundred times at most. The texts of generations that serve several cells are asked of
     * their problems, a few at a time. What fails is tried again with the next beat.
     */

    sealed interface Heard {
        record OfSweep(SweepView sweep) implements Heard {}

        /** @param lines null if they could not be read */
        record OfJob(String job, List<ProblemLine> lines) implements Heard {}

        /** @param solved null if it could not be read */
        record OfProblem(Key key, ProblemView solved) implements Heard {}
    }

    record Key(String job, String problem) {}

    /**
     * What a stream begins with: the client forgets what it knew.
     *
     * @param places of all cells, in order
     */
    public record Snapshot(SweepDocument sweep, List<SweepVerdicts.Place> places, List<Reference> references) {}

    /**
     * What has changed.
     *
     * @param etaSeconds how long the rest takes at the rate seen, by generations; null if that is not known
     * @param jobs those that changed
     * @param cells those with new results
     * @param points those with new results
     */
    public record Progress(
            SweepStatus status,
            Counts counts,
            String changedAt,
            Long etaSeconds,
            List<JobLine> jobs,
            List<SweepVerdicts.Score> cells,
            List<SweepVerdicts.Point> points) {}

    public record End(SweepStatus status, Counts counts) {}

    private static final int MAX_READS = 2;
    private static final int MAX_QUESTIONS = 4;
    private static final int READS_OF_A_JOB = 100;
    private static final double NANOS_A_SECOND = 1e9;
    /** A rate seen for less is not yet trusted. */
    private static final double MIN_SECONDS = 5;

    private final Api api;
    private final SweepSpecification specification;
    private final SweepVerdicts verdicts;
    private final Map<String, Integer> budgets = new HashMap<>();
    private final Map<String, Integer> read = new HashMap<>();
    private final Set<String> toRead = new LinkedHashSet<>();
    private final Set<String> reading = new HashSet<>();
    private final Set<Key> judged = new HashSet<>();
    private final Deque<Key> toAsk = new ArrayDeque<>();
    private final Set<Key> asking = new HashSet<>();
    private final List<Heard> failed = new ArrayList<>();
    private final Map<String, JobLine> said = new HashMap<>();
    private ActorContext<EventStreamActor.Command<Heard>> context;
    private ActorRef<Sweep.ViewReply> follower;
    private SweepView sweep;
    private boolean begun;
    private boolean changed;
    private boolean over;
    private long firstNanos;
    private double firstDone;

    SweepEventStream(Api api, SweepSpecification specification, SweepView sweep) {
        this.api = api;
        this.specification = specification;
        this.verdicts = new SweepVerdicts(specification);
        specification
                .plan()
                .jobs()
                .forEach(job -> budgets.put(job.id(), job.method().budget()));
        this.sweep = sweep;
        this.changed = true;
    }

    @Override
    public void follow(ActorContext<EventStreamActor.Command<Heard>> own) {
        context = own;
        if (follower == null) {
            follower = context.messageAdapter(
                    Sweep.ViewReply.class, reply -> new EventStreamActor.Told<>(new Heard.OfSweep(reply.view())));
            firstNanos = System.nanoTime();
            firstDone = done();
            wantJobs();
        }
        for (var each : failed) {
            switch (each) {
                case Heard.OfSweep never -> {}
                case Heard.OfJob(var job, var lines) -> toRead.add(job);
                case Heard.OfProblem(var key, var solved) -> toAsk.add(key);
            }
        }
        failed.clear();
        api.sweep(new Tenant(specification.owner()), specification.id()).tell(new Sweep.Follow(follower));
        askMore();
    }

    @Override
    public void take(Heard heard) {
        switch (heard) {
            case Heard.OfSweep(var view) -> {
                if (view == null || !view.cells().equals(specification.plan().cells())) {
                    over = true;
                } else {
                    sweep = view;
                    changed = true;
                    wantJobs();
                }
            }
            case Heard.OfJob ofJob -> take(ofJob);
            case Heard.OfProblem(var key, var solved) -> {
                asking.remove(key);
                if (solved == null) {
                    failed.add(heard);
                } else {
                    verdicts.take(key.job(), solved);
                    changed = true;
                }
            }
        }
        askMore();
    }

    private void take(Heard.OfJob heard) {
        var job = heard.job();
        reading.remove(job);
        if (heard.lines() == null) {
            failed.add(heard);
            return;
        }
        int succeeded = 0;
        for (var line : heard.lines()) {
            if (line.status() == ProblemStatus.SUCCEEDED) {
                succeeded++;
                var key = new Key(job, line.id());
                if (judged.add(key)) {
                    if (verdicts.shared(job)) {
                        toAsk.add(key);
                    } else {
                        verdicts.take(job, line.id(), line.answer());
                        changed = true;
                    }
                }
            }
        }
        read.put(job, succeeded);
        wantJobs();
    }

    // ---- what is asked

    private void wantJobs() {
        for (var job : sweep.jobs()) {
            int known = read.getOrDefault(job.id(), 0);
            int now = job.counts().succeeded();
            boolean grown = now - known > job.counts().total() / READS_OF_A_JOB || now > known && over(job.status());
            if (grown && !reading.contains(job.id())) {
                toRead.add(job.id());
            }
        }
    }

    private void askMore() {
        while (reading.size() < MAX_READS && !toRead.isEmpty()) {
            var job = toRead.iterator().next();
            toRead.remove(job);
            reading.add(job);
            context.pipeToSelf(
                    api.lines(job, Integer.MAX_VALUE),
                    (lines, failure) ->
                            new EventStreamActor.Told<>(new Heard.OfJob(job, failure == null ? lines : null)));
        }
        while (asking.size() < MAX_QUESTIONS && !toAsk.isEmpty()) {
            var key = toAsk.remove();
            asking.add(key);
            context.pipeToSelf(
                    api.problem(key.job(), key.problem()).<Problem.ViewReply>ask(Problem.GetView::new, api.patience()),
                    (reply, failure) -> new EventStreamActor.Told<>(
                            new Heard.OfProblem(key, failure == null ? reply.view() : null)));
        }
    }

    private static boolean over(JobStatus status) {
        return switch (status) {
            case SUCCEEDED, FAILED, CANCELLED -> true;
            case QUEUED, RUNNING -> false;
        };
    }

    // ---- what is said

    @Override
    public ByteString next() {
        var bytes = ByteString.emptyByteString();
        if (over) {
            return bytes;
        }
        if (!begun) {
            begun = true;
            sweep.jobs().forEach(job -> said.put(job.id(), job));
            bytes = ServerEvents.event(
                    "snapshot", new Snapshot(SweepDocument.of(sweep), verdicts.places(), specification.references()));
        }
        if (changed) {
            changed = false;
            bytes = bytes.concat(ServerEvents.event("progress", progress()));
        }
        if (ended()) {
            over = true;
            bytes = bytes.concat(ServerEvents.event(
                    "end", new End(sweep.status(), SweepDocument.of(sweep).counts())));
        }
        return bytes;
    }

    private Progress progress() {
        var document = SweepDocument.of(sweep);
        var jobs = sweep.jobs().stream()
                .filter(job -> !job.equals(said.put(job.id(), job)))
                .toList();
        return new Progress(
                sweep.status(),
                document.counts(),
                document.changedAt(),
                etaSeconds(),
                jobs,
                verdicts.scores(),
                verdicts.points());
    }

    private boolean ended() {
        boolean still = switch (sweep.status()) {
            case RUNNING, PAUSED -> true;
            case ENDED, CANCELLED -> false;
        };
        return !still
                && sweep.jobs().stream().allMatch(job -> over(job.status()))
                && toRead.isEmpty()
                && reading.isEmpty()
                && toAsk.isEmpty()
                && asking.isEmpty()
                && failed.isEmpty();
    }

    @Override
    public boolean over() {
        return over;
    }

    // ---- how long it takes

    private Long etaSeconds() {
        if (sweep.status() != SweepStatus.RUNNING) {
            return null;
        }
        double done = done();
        double seconds = (System.nanoTime() - firstNanos) / NANOS_A_SECOND;
        double gained = done - firstDone;
        if (seconds < MIN_SECONDS || gained <= 0) {
            seconds = (System.currentTimeMillis() - sweep.acceptedAtMillis()) / 1000.0;
            gained = done;
        }
        double rest = sweep.jobs().stream()
                .mapToDouble(job -> (double) budget(job) * (job.counts().total() - over(job)))
                .sum();
        return gained <= 0 ? null : Long.valueOf(Math.round(rest * seconds / gained));
    }

    /** The generations of the problems that are over. */
    private double done() {
        return sweep.jobs().stream()
                .mapToDouble(job -> (double) budget(job) * over(job))
                .sum();
    }

    private int budget(JobLine job) {
        return budgets.getOrDefault(job.id(), 1);
    }

    private static int over(JobLine job) {
        return job.counts().succeeded() + job.counts().failed() + job.counts().cancelled();
    }
}
