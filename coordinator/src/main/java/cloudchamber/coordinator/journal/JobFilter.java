package cloudchamber.coordinator.journal;

import java.util.Map;
import java.util.Optional;

/**
 * Which jobs are asked for.
 *
 * @param tenant whose jobs; empty for anybody's
 * @param status in lower case
 * @param labels each must be there with its value
 */
public record JobFilter(
        Optional<String> tenant,
        Optional<String> status,
        Optional<String> method,
        Optional<String> policy,
        Optional<String> prm,
        Map<String, String> labels) {
    public JobFilter {
        labels = Map.copyOf(labels);
    }

    /** The same of one tenant alone. */
    public JobFilter of(String owner) {
        return new JobFilter(Optional.of(owner), status, method, policy, prm, labels);
    }

    /** All of them. */
    public static JobFilter any() {
        return new JobFilter(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Map.of());
    }
}
