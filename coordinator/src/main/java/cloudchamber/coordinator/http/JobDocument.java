package cloudchamber.coordinator.http;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.protocol.model.MethodSettings;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A job in JSON, its problems apart.
 *
 * @param acceptedAt as ISO 8601 has it, in UTC
 * @param endedAt null while the job is not over
 * @param waitingFor the models it needs that nobody serves now; empty once it is over, null while that is not
 *     known
 */
record JobDocument(
        String id,
        JobStatus status,
        JobView.Counts counts,
        MethodSettings method,
        String policy,
        String prm,
        long seed,
        String acceptedAt,
        String endedAt,
        List<String> waitingFor) {

    /** @param workers what the dispatcher knows of them; empty if it did not tell */
    static JobDocument of(JobView job, Optional<List<Dispatcher.WorkerLine>> workers) {
        var missing = workers.map(known -> Workers.missing(job.policy(), job.prm(), known))
                .orElse(null);
        return new JobDocument(
                job.id(),
                job.status(),
                job.counts(),
                job.method(),
                job.policy(),
                job.prm(),
                job.seed(),
                instant(job.acceptedAtMillis()),
                job.endedAtMillis() == null ? null : instant(job.endedAtMillis()),
                job.endedAtMillis() == null ? missing : List.of());
    }

    private static String instant(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }
}
