package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.LeaseTerms;
import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * @param leaseDuration how long a lease lives without being renewed; workers renew at its {@link LeaseTerms}
 * @param maxAttempts replies that cannot be used before a problem fails; trouble of the infrastructure is no try
 * @param patience how long a job's work may meet nothing but trouble of the infrastructure, if the job says nothing
 * @param backoff the wait after the first refusal; doubles with each
 * @param maxBackoff the longest wait
 * @param maxWaiting pieces of work a dispatcher holds before it refuses more
 * @param order which problem of a job is served first
 * @param rereadTokensPerSecond how fast a worker reads a prefix it does not hold; what a piece's waiting for
 *     the worker that holds it is weighed against
 * @param noProgress how long a worker may hold leases and answer nothing before it is ejected
 * @param probeInterval how long an ejected worker rests before it gets a piece of work as a probe
 */
public record DispatchSettings(
        Duration leaseDuration,
        int maxAttempts,
        Duration patience,
        Duration backoff,
        Duration maxBackoff,
        int maxWaiting,
        Order order,
        double rereadTokensPerSecond,
        Duration noProgress,
        Duration probeInterval) {

    /** Which problem of a job is served first. */
    public enum Order {
        /** The one that was there first. */
        OLDEST("oldest"),
        /** The one with the fewest rounds behind it, the oldest among equals. */
        FEWEST_ROUNDS("fewest-rounds");

        private final String id;

        Order(String id) {
            this.id = id;
        }

        /** The name in settings. */
        public String id() {
            return id;
        }

        private static Order byId(String id) {
            return Arrays.stream(values())
                    .filter(order -> order.id.equals(id))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("cloudchamber.dispatch.order must be one of "
                            + Arrays.stream(values()).map(Order::id).collect(Collectors.joining(", ")) + ": was "
                            + id));
        }
    }

    public DispatchSettings {
        if (!leaseDuration.isPositive()
                || !patience.isPositive()
                || !backoff.isPositive()
                || !maxBackoff.isPositive()
                || !noProgress.isPositive()
                || !probeInterval.isPositive()) {
            throw new IllegalArgumentException("dispatch durations must be positive: were lease-duration "
                    + leaseDuration + ", patience " + patience + ", backoff " + backoff + ", max-backoff " + maxBackoff
                    + ", no-progress "
                    + noProgress + ", probe-interval " + probeInterval);
        }
        LeaseTerms.of(leaseDuration.toMillis());
        if (maxAttempts < 1 || maxWaiting < 1) {
            throw new IllegalArgumentException(
                    "dispatch.max-attempts and dispatch.max-waiting must be at least 1: were " + maxAttempts + " and "
                            + maxWaiting);
        }
        if (!(rereadTokensPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "dispatch.reread-tokens-per-second must be positive: was " + rereadTokensPerSecond);
        }
    }

    /** Reads {@code cloudchamber.dispatch}; the defaults stand in {@code reference.conf}. */
    public static DispatchSettings from(Config config) {
        var dispatch = config.getConfig("cloudchamber.dispatch");
        return new DispatchSettings(
                dispatch.getDuration("lease-duration"),
                dispatch.getInt("max-attempts"),
                dispatch.getDuration("patience"),
                dispatch.getDuration("backoff"),
                dispatch.getDuration("max-backoff"),
                dispatch.getInt("max-waiting"),
                Order.byId(dispatch.getString("order")),
                dispatch.getDouble("reread-tokens-per-second"),
                dispatch.getDuration("no-progress"),
                dispatch.getDuration("probe-interval"));
    }
}
