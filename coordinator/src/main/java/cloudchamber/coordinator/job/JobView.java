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
 * @param numericsClasses of the workers that served its problems that are over, by their ids; empty where it is read
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
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> numericsClasses)
        implements WireMessage {
    public JobView {
        numericsClasses = numericsClasses == null ? List.of() : List.copyOf(numericsClasses);
        labels = labels == null ? Map.of() : Map.copyOf(labels);
    }

    /** How many problems are where. */
    public record Counts(int total, int queued, int running, int succeeded, int failed, int cancelled) {}

    /**
     * @param running how many problems run
     */
    static JobView of(JobState.Accepted job, int running) {
        var specification = job.specification();
        var ends = job.ends();
        int waiting = job.total() - ends.count();
        var counts = new Counts(
                job.total(),
                job.cancelled() ? 0 : waiting - running,
                job.over() ? 0 : running,
                ends.countSucceeded(),
                ends.countFailed(),
                ends.cancelled() + (job.cancelled() ? waiting : 0));
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
                job.numericsClasses());
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
                List.of());
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
