package cloudchamber.coordinator.dispatch;

import java.util.List;
import java.util.Optional;

/** Where a piece of work goes. A pure function of what is free now. */
public interface Placement {

    /**
     * A worker that could take the work.
     *
     * @param freeSlots at least 1
     * @param holdsPrefix whether it served the node the work continues
     */
    record Candidate(String workerId, int freeSlots, boolean holdsPrefix) {}

    /**
     * @param candidates in a stable order
     * @return one of them, or none to let the work wait
     */
    Optional<String> choose(List<Candidate> candidates);

    /**
     * The worker that holds the prefix, if it has a free slot; else the one with most free slots, the
     * first among equals.
     */
    static Placement holderFirst() {
        return candidates -> {
            Candidate best = null;
            for (var candidate : candidates) {
                if (best == null || better(candidate, best)) {
                    best = candidate;
                }
            }
            return Optional.ofNullable(best).map(Candidate::workerId);
        };
    }

    private static boolean better(Candidate candidate, Candidate best) {
        return candidate.holdsPrefix() == best.holdsPrefix()
                ? candidate.freeSlots() > best.freeSlots()
                : candidate.holdsPrefix();
    }
}
