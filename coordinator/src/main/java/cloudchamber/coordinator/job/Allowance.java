package cloudchamber.coordinator.job;

import java.util.List;

/**
 * The answer to a claim; also sent when more is granted.
 *
 * @param life whose
 * @param granted places granted in this life in all
 * @param lacking why the job has not all that it wants; empty if it has
 */
public record Allowance(long life, long granted, List<Lack> lacking) {
    public Allowance {
        lacking = List.copyOf(lacking);
    }
}
