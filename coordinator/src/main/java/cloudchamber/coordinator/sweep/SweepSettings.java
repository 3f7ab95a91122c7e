package cloudchamber.coordinator.sweep;

import com.typesafe.config.Config;

/**
 * How sweeps share the cluster.
 *
 * @param maxOpenProblems the jobs of one sweep that run at once have about this many open problems together; one job
 *     always runs
 */
public record SweepSettings(int maxOpenProblems) {
    public SweepSettings {
        if (maxOpenProblems < 1) {
            throw new IllegalArgumentException(
                    "cloudchamber.sweep.max-open-problems must be at least 1: was " + maxOpenProblems);
        }
    }

    /** Reads {@code cloudchamber.sweep}; the defaults stand in {@code reference.conf}. */
    public static SweepSettings from(Config config) {
        return new SweepSettings(config.getInt("cloudchamber.sweep.max-open-problems"));
    }
}
