package cloudchamber.coordinator.dispatch;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * @param leaseDuration how long a lease lives without being renewed
 * @param maxAttempts tries of one piece of work before it fails
 * @param backoff the wait after the first refusal; doubles with each
 * @param maxBackoff the longest wait
 * @param maxWaiting pieces of work a dispatcher holds before it refuses more
 */
public record DispatchSettings(
        Duration leaseDuration, int maxAttempts, Duration backoff, Duration maxBackoff, int maxWaiting) {
    public DispatchSettings {
        if (!leaseDuration.isPositive() || !backoff.isPositive() || !maxBackoff.isPositive()) {
            throw new IllegalArgumentException("dispatch durations must be positive: were lease-duration "
                    + leaseDuration + ", backoff " + backoff + ", max-backoff " + maxBackoff);
        }
        if (maxAttempts < 1 || maxWaiting < 1) {
            throw new IllegalArgumentException(
                    "dispatch.max-attempts and dispatch.max-waiting must be at least 1: were " + maxAttempts + " and "
                            + maxWaiting);
        }
    }

    /** Reads {@code cloudchamber.dispatch}; the defaults stand in {@code reference.conf}. */
    public static DispatchSettings from(Config config) {
        var dispatch = config.getConfig("cloudchamber.dispatch");
        return new DispatchSettings(
                dispatch.getDuration("lease-duration"),
                dispatch.getInt("max-attempts"),
                dispatch.getDuration("backoff"),
                dispatch.getDuration("max-backoff"),
                dispatch.getInt("max-waiting"));
    }
}
