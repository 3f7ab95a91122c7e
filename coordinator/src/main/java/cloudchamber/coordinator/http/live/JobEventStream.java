package cloudchamber.coordinator.http.live;

import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.api.JobDocument;
import cloudchamber.coordinator.http.api.ProblemLine;
import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobUpdate;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.coordinator.problem.ProblemUpdate;
import cloudchamber.coordinator.problem.ProblemView.CostView;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.util.ByteString;

/**
 * The events of one job after its {@code snapshot}: {@code round}, {@code problem} for each that starts or ends, {@code
 * job} when its counts change, and {@code end}. Of the rounds of a problem that closed since the last burst only the
 * newest is told.
 */
final class JobEventStream implements EventStreamActor.Content<JobEventStream.Heard> {

    sealed interface Heard {
        record OfJob(JobUpdate update) implements Heard {}

        record OfProblem(ProblemUpdate update) implements Heard {}
    }

    /**
     * What a stream begins with: the client forgets what it knew.
     *
     * @param problems all of them, or the first thousand
     */
    record Snapshot(JobDocument job, List<ProblemLine> problems) {}

    /** A round of a problem, its steps apart. */
    record Round(String problem, int round, List<ProblemUpdate.Chain> chains, ProblemUpdate.Best best, Cost cost) {}

    /**
     * A problem that started or ended.
     *
     * @param cost null while it runs
     */
    record Change(String id, ProblemStatus status, String answer, Double logEvidence, String failure, CostView cost) {}

    static final int MAX_LINES = 1000;
    /** No round has such a number: a follower after it is told of those to come, and of the end. */
    private static final int NO_PAST_ROUNDS = Integer.MAX_VALUE;

    private final Api api;
    private final String job;
    private final Set<String> running = new HashSet<>();
    private final Set<String> ending = new HashSet<>();
    private final Map<String, Integer> lastRounds = new HashMap<>();
    private final Map<String, Change> changes = new LinkedHashMap<>();
    private final Map<String, Round> rounds = new LinkedHashMap<>();
    private ActorRef<JobUpdate> jobFollower;
    private ActorRef<ProblemUpdate> problemFollower;
    private JobDocument document;
    private JobDocument end;
    private boolean over;

    /** @param lines the job's problems, the first {@value #MAX_LINES} of them */
    JobEventStream(Api api, JobView view, List<ProblemLine> lines) {
        this.api = api;
        this.job = view.id();
        if (ended(view)) {
            end = document(view);
        }
        lines.stream().filter(line -> line.status() == ProblemStatus.RUNNING).forEach(line -> running.add(line.id()));
    }

    private static JobDocument document(JobView view) {
        return JobDocument.of(view, Optional.empty());
    }

    /** What a stream begins with. */
    static ByteString snapshot(JobView view, List<ProblemLine> lines) {
        return ServerEvents.event("snapshot", new Snapshot(document(view), lines));
    }

    /** What the stream of a job that is over ends with. */
    static ByteString end(JobView view) {
        return ServerEvents.event("end", document(view));
    }

    static boolean ended(JobView view) {
        return view.endedAtMillis() != null;
    }

    @Override
    public void follow(ActorContext<EventStreamActor.Command<Heard>> context) {
        if (jobFollower == null) {
            jobFollower = context.messageAdapter(
                    JobUpdate.class, update -> new EventStreamActor.Told<>(new Heard.OfJob(update)));
            problemFollower = context.messageAdapter(
                    ProblemUpdate.class, update -> new EventStreamActor.Told<>(new Heard.OfProblem(update)));
        }
        if (end == null) {
            api.job(job).tell(new Job.Follow(jobFollower));
        }
        running.forEach(this::followProblem);
        ending.forEach(this::followProblem);
    }

    private void followProblem(String problem) {
        api.problem(job, problem)
                .tell(new Problem.Follow(problemFollower, lastRounds.getOrDefault(problem, NO_PAST_ROUNDS), false));
    }

    @Override
    public void take(Heard heard) {
        switch (heard) {
            case Heard.OfJob(var update) -> take(update);
            case Heard.OfProblem(var update) -> take(update);
        }
    }

    private void take(JobUpdate update) {
        document = document(update.job());
        for (var change : update.changed()) {
            if (change.status() == ProblemStatus.RUNNING) {
                if (running.add(change.problem())) {
                    changes.put(
                            change.problem(),
                            new Change(change.problem(), ProblemStatus.RUNNING, null, null, null, null));
                    lastRounds.put(change.problem(), -1);
                    followProblem(change.problem());
                }
            } else if (!running.contains(change.problem()) && ending.add(change.problem())) {
                followProblem(change.problem());
            }
        }
        if (ended(update.job())) {
            end = document(update.job());
        }
    }

    private void take(ProblemUpdate update) {
        switch (update) {
            case ProblemUpdate.Opened opened -> {}
            case ProblemUpdate.RoundClosed(var problem, var round) -> {
                int last = lastRounds.getOrDefault(problem, -1);
                if (round.round() > last || last == NO_PAST_ROUNDS) {
                    lastRounds.put(problem, round.round());
                    rounds.put(problem, new Round(problem, round.round(), round.chains(), round.best(), round.cost()));
                }
            }
            case ProblemUpdate.Ended(var problem, var view) -> {
                if (running.remove(problem) | ending.remove(problem)) {
                    lastRounds.remove(problem);
                    changes.put(
                            problem,
                            new Change(
                                    problem,
                                    view.status(),
                                    view.answer(),
                                    view.logEvidence(),
                                    view.failure(),
                                    view.cost()));
                }
            }
        }
    }

    @Override
    public ByteString next() {
        var bytes = ByteString.emptyByteString();
        for (var round : rounds.values()) {
            bytes = bytes.concat(ServerEvents.event("round", round));
        }
        rounds.clear();
        for (var change : changes.values()) {
            bytes = bytes.concat(ServerEvents.event("problem", change));
        }
        changes.clear();
        if (document != null) {
            bytes = bytes.concat(ServerEvents.event("job", document));
            document = null;
        }
        if (end != null && running.isEmpty() && ending.isEmpty() && !over) {
            over = true;
            bytes = bytes.concat(ServerEvents.event("end", end));
        }
        return bytes;
    }

    @Override
    public boolean over() {
        return over;
    }
}
