package cloudchamber.coordinator.job;

import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.protocol.WireMessage;
import cloudchamber.protocol.model.MethodSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * A job as people see it.
 *
 * @param problems its problems' ids in order, and where each is
 * @param endedAtMillis null while it is not over
 */
public record JobView(
        String id,
        JobStatus status,
        Counts counts,
        MethodSettings method,
        String policy,
        String prm,
        long seed,
        long acceptedAtMillis,
        Long endedAtMillis,
        List<ProblemLine> problems)
        implements WireMessage {

    /** How many problems are where. */
    public record Counts(int total, int queued, int running, int succeeded, int failed, int cancelled) {}

    public record ProblemLine(String id, String question, ProblemStatus status) {}

    /**
     * @param started how many problems have been started, ended ones included
     */
    static JobView of(JobState.Accepted job, int started) {
        var problems = job.specification().problems();
        var lines = new ArrayList<ProblemLine>(problems.size());
        for (int index = 0; index < problems.size(); index++) {
            var problem = problems.get(index);
            lines.add(new ProblemLine(
                    problem.id(), problem.prompt().lastQuestion(), status(job, problem.id(), index < started)));
        }
        return of(job, started, List.copyOf(lines));
    }

    /** The job without its problems. */
    static JobView summary(JobState.Accepted job, int started) {
        return of(job, started, List.of());
    }

    private static JobView of(JobState.Accepted job, int started, List<ProblemLine> lines) {
        var specification = job.specification();
        int total = specification.problems().size();
        int over = job.ended().size();
        int running = job.over() ? 0 : started - over;
        int cancelled = job.cancelled() ? total - over : job.count(ProblemStatus.CANCELLED);
        var counts = new Counts(
                total,
                job.cancelled() ? 0 : total - started,
                running,
                job.count(ProblemStatus.SUCCEEDED),
                job.count(ProblemStatus.FAILED),
                cancelled);
        return new JobView(
                specification.id(),
                status(job, started),
                counts,
                specification.method(),
                specification.policy(),
                specification.prm(),
                specification.seed(),
                job.acceptedAtMillis(),
                job.over() ? job.changedAtMillis() : null,
                lines);
    }

    private static ProblemStatus status(JobState.Accepted job, String problem, boolean started) {
        var ended = job.ended().get(problem);
        if (ended != null) {
            return ended;
        }
        if (job.cancelled()) {
            return ProblemStatus.CANCELLED;
        }
        return started ? ProblemStatus.RUNNING : ProblemStatus.QUEUED;
    }

    static JobStatus status(JobState.Accepted job, int started) {
        if (job.cancelled()) {
            return JobStatus.CANCELLED;
        }
        if (job.over()) {
            return job.count(ProblemStatus.FAILED) > 0 ? JobStatus.FAILED : JobStatus.SUCCEEDED;
        }
        return started == 0 ? JobStatus.QUEUED : JobStatus.RUNNING;
    }
}
