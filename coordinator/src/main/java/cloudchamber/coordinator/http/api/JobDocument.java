package cloudchamber.coordinator.http.api;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.job.Waiting;
import cloudchamber.protocol.model.method.MethodSettings;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A job in JSON, its problems apart.
 *
 * @param acceptedAt as ISO 8601 has it, in UTC
 * @param endedAt null while the job is not over
 * @param waitingFor the models it needs that nobody serves now, each with its role, and {@code places} or {@code
 *     database}; empty once it is over, null while that is not known
 * @param waiting the same with the time and the reason of each; left out if there is none
 * @param progress the part of its problems that is over, from 0 to 1
 * @param etaSeconds how long the rest takes if it goes on as it went, in seconds; null before the first problem is
 *     over
 * @param numericsFamily of the workers that may serve it; left out if it asked for none
 * @param patienceSeconds how long its work may meet nothing but trouble of the infrastructure; left out for the
 *     coordinator's setting
 * @param numericsClasses of the workers that served it, by their ids; left out of lists, and before a problem is over
 * @param cost of the problems that are over; left out where it is not asked for
 */
public record JobDocument(
        String id,
        JobStatus status,
        JobView.Counts counts,
        MethodSettings method,
        String policy,
        String prm,
        long seed,
        String acceptedAt,
        String endedAt,
        List<String> waitingFor,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<WaitingDocument> waiting,
        Map<String, String> labels,
        double progress,
        Long etaSeconds,
        @JsonInclude(JsonInclude.Include.NON_NULL) String numericsFamily,
        @JsonInclude(JsonInclude.Include.NON_NULL) Double patienceSeconds,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> numericsClasses,
        @JsonInclude(JsonInclude.Include.NON_NULL) JobCost cost) {

    /**
     * One thing that a job waits for.
     *
     * @param what as in {@code waitingFor}
     * @param since as ISO 8601 has it, in UTC
     * @param reason one sentence: the last refusal, where there was one
     */
    record WaitingDocument(@JsonProperty("for") String what, String since, String reason) {}

    private static final long MILLIS_A_SECOND = 1000;

    /** @param workers what the dispatcher knows of them; empty if it did not tell */
    public static JobDocument of(JobView job, Optional<List<Dispatcher.WorkerLine>> workers) {
        long nowMillis = System.currentTimeMillis();
        var waiting = waiting(job, workers, nowMillis);
        return new JobDocument(
                job.id(),
                job.status(),
                job.counts(),
                job.method(),
                job.policy(),
                job.prm(),
                job.seed(),
                instant(job.acceptedAtMillis()),
                instant(job.endedAtMillis()),
                waiting == null
                        ? null
                        : waiting.stream().map(WaitingDocument::what).toList(),
                waiting,
                job.labels(),
                progress(job.counts()),
                etaSeconds(job, nowMillis),
                job.numericsFamily(),
                job.patienceSeconds(),
                job.numericsClasses(),
                null);
    }

    /** What the job says that it waits for, and the models that it has not heard of yet that nobody serves them. */
    private static List<WaitingDocument> waiting(
            JobView job, Optional<List<Dispatcher.WorkerLine>> workers, long nowMillis) {
        if (job.endedAtMillis() != null) {
            return List.of();
        }
        if (job.waiting() == null && workers.isEmpty()) {
            return null;
        }
        var known = job.waiting() == null ? List.<Waiting>of() : job.waiting();
        var unserved = workers.map(lines -> Workers.missing(job, lines)).orElse(List.of()).stream()
                .filter(what -> known.stream().noneMatch(each -> each.what().equals(what)))
                .map(what -> new WaitingDocument(what, instant(nowMillis), "no worker serves it"));
        return Stream.concat(
                        known.stream()
                                .map(each ->
                                        new WaitingDocument(each.what(), instant(each.sinceMillis()), each.reason())),
                        unserved)
                .toList();
    }

    public static double progress(JobView.Counts counts) {
        return (double) over(counts) / counts.total();
    }

    private static int over(JobView.Counts counts) {
        return counts.succeeded() + counts.failed() + counts.cancelled();
    }

    private static Long etaSeconds(JobView job, long nowMillis) {
        int over = over(job.counts());
        if (job.endedAtMillis() != null || over == 0) {
            return job.endedAtMillis() == null ? null : Long.valueOf(0);
        }
        int open = job.counts().total() - over;
        return Math.max(0, nowMillis - job.acceptedAtMillis()) * open / over / MILLIS_A_SECOND;
    }

    public JobDocument with(JobCost known) {
        return new JobDocument(
                id,
                status,
                counts,
                method,
                policy,
                prm,
                seed,
                acceptedAt,
                endedAt,
                waitingFor,
                waiting,
                labels,
                progress,
                etaSeconds,
                numericsFamily,
                patienceSeconds,
                numericsClasses,
                known);
    }

    public static String instant(Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis).toString();
    }
}
