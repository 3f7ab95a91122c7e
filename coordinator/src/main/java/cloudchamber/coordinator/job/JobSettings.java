package cloudchamber.coordinator.job;

import com.typesafe.config.Config;

/**
 * @param maxProblemsInFlight how many problems of one job run at once
 * @param maxQueuedProblems how many problems of all jobs may be accepted and not over
 */
public record JobSettings(int maxProblemsInFlight, long maxQueuedProblems) {
    public JobSettings {
        if (maxProblemsInFlight < 1) {
            throw new IllegalArgumentException(
                    "cloudchamber.job.max-problems-in-flight must be at least 1: was " + maxProblemsInFlight);
        }
    }

    /** Reads {@code cloudchamber.job}; the defaults stand in {@code reference.conf}. */
    public static JobSettings from(Config config) {
        return new JobSettings(
                config.getInt("cloudchamber.job.max-problems-in-flight"),
                config.getLong("cloudchamber.job.max-queued-problems"));
    }
}
