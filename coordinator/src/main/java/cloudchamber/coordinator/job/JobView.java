package cloudchamber.coordinator.job;

import cloudchamber.coordinator.journal.JobRow;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.wire.WireMessage;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A job as people see it; its problems are apart, for there may be many.
 *
 * @param endedAtMillis null while it is not over
 * @param numericsFamily of the workers that may serve it, {@code LIBRARY/VARIANT}; null for any
 * @param patienceSeconds how long its work may meet nothing but trouble of the infrastructure before a problem fails; null
 *     for the coordinator's setting
 * @param numericsClasses of the workers that served its problems that are over, by their ids; empty where it is read
 *     from the read model
 * @param waiting what keeps its problems; empty once it is over, null while that is not known, as where it is read
 *     from the read model
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
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> labels,
        @JsonInclude(JsonInclude.Include.NON_NULL) String numericsFamily,
        @JsonInclude(JsonInclude.Include.NON_NULL) Double patienceSeconds,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> numericsClasses,
        @JsonInclude(JsonInclude.Include.NON_NULL) List<Waiting> waiting)
        implements WireMessage {
    public JobView {
        waiting = waiting == null ? null : List.copyOf(waiting);
        numericsClasses = numericsClasses == null ? List.of() : List.copyOf(numericsClasses);
        labels = labels == null ? Map.of() : Map.copyOf(labels);
    }

    /** How many problems are where. */
    public record Counts(int total, int queued, int running, int succeeded, int failed, int cancelled) {}

    /**
     * @param running how many problems run
     * @param waiting for what; null while that is not known
     */
    static JobView of(JobState.Accepted job, int running, List<Waiting> waiting) {
        var specification = job.specification();
        var ends = job.ends();
        int open = job.total() - ends.count();
        var counts = new Counts(
                job.total(),
                job.cancelled() ? 0 : open - running,
                job.over() ? 0 : running,
                ends.countSucceeded(),
                ends.countFailed(),
                ends.cancelled() + (job.cancelled() ? open : 0));
        return new JobView(
                specification.id(),
                status(job, running),
                counts,
                specification.method(),
                specification.policy(),
                specification.prm(),
                specification.seed(),
                job.acceptedAtMillis(),
                job.over() ? job.changedAtMillis() : null,
                specification.labels(),
                specification.numericsFamily(),
                specification.patienceSeconds(),
                job.numericsClasses(),
                waiting);
    }

    /** A job as the read model has it. */
    public static JobView of(JobRow row) {
        var accepted = (JobEvent.Accepted) row.first();
        var specification = accepted.specification();
        int over = row.succeeded() + row.failed() + row.cancelled();
        boolean ended = row.endedAtMillis() != null;
        int running = ended ? 0 : Math.min(row.running(), row.total() - over);
        return new JobView(
                row.id(),
                JobStatus.valueOf(row.status().toUpperCase(Locale.ROOT)),
                new Counts(
                        row.total(),
                        row.total() - over - running,
                        running,
                        row.succeeded(),
                        row.failed(),
                        row.cancelled()),
                specification.method(),
                specification.policy(),
                specification.prm(),
                specification.seed(),
                row.acceptedAtMillis(),
                row.endedAtMillis(),
                row.labels(),
                specification.numericsFamily(),
                specification.patienceSeconds(),
                List.of(),
                null);
    }

    static JobStatus status(JobState.Accepted job, int running) {
        if (job.cancelled()) {
            return JobStatus.CANCELLED;
        }
        if (job.over()) {
            return job.ends().countFailed() > 0 ? JobStatus.FAILED : JobStatus.SUCCEEDED;
        }
        return running == 0 && job.ends().count() == 0 ? JobStatus.QUEUED : JobStatus.RUNNING;
    }
}
