package cloudchamber.coordinator.journal;

import java.util.Map;
import java.util.Optional;

/**
 * Which jobs are asked for.
 *
 * @param status in lower case
 * @param labels each must be there with its value
 */
public record JobFilter(
        Optional<String> status,
        Optional<String> method,
        Optional<String> policy,
        Optional<String> prm,
        Map<String, String> labels) {
    public JobFilter {
        labels = Map.copyOf(labels);
    }

    /** All of them. */
    public static JobFilter any() {
        return new JobFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Map.of());
    }
}
