package cloudchamber.coordinator.job;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Optional;

/**
 * How much is taken on.
 *
 * @param maxProblemsInFlight how many problems of one job run at once
 * @param maxProblemsInFlightPerCoordinator how many problems of the jobs of one coordinator run at once
 * @param maxQueuedProblems how many problems of all jobs may be accepted and not over
 * @param maxQueuedJobs how many jobs may be accepted and not over
 * @param retention how long a job stays after its end; empty for ever
 */
public record JobSettings(
        int maxProblemsInFlight,
        int maxProblemsInFlightPerCoordinator,
        long maxQueuedProblems,
        long maxQueuedJobs,
        Optional<Duration> retention) {
    private static final String FOR_EVER = "for-ever";

    public JobSettings {
        positive("max-problems-in-flight", maxProblemsInFlight);
        positive("max-problems-in-flight-per-coordinator", maxProblemsInFlightPerCoordinator);
        positive("max-queued-problems", maxQueuedProblems);
        positive("max-queued-jobs", maxQueuedJobs);
        retention.ifPresent(keep -> positive("retention, in seconds,", keep.toSeconds()));
    }

    private static void positive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException("cloudchamber.job." + name + " must be at least 1: was " + value);
        }
    }

    /** Reads {@code cloudchamber.job}; the defaults stand in {@code reference.conf}. */
    public static JobSettings from(Config config) {
        var job = config.getConfig("cloudchamber.job");
        return new JobSettings(
                job.getInt("max-problems-in-flight"),
                job.getInt("max-problems-in-flight-per-coordinator"),
                job.getLong("max-queued-problems"),
                job.getLong("max-queued-jobs"),
                job.getString("retention").equals(FOR_EVER)
                        ? Optional.empty()
                        : Optional.of(job.getDuration("retention")));
    }
}
