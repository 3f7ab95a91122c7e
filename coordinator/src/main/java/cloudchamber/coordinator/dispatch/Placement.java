package cloudchamber.coordinator.dispatch;

import java.util.List;
import java.util.Optional;

/** Where a piece of work goes. A pure function of what is free now and what is held where. */
public interface Placement {

    /**
     * A worker that could take the work, now or later.
     *
     * @param freeSlots 0 for one that holds the prefix and is busy
     * @param holdsPrefix whether it has read the node the work continues
     * @param waitMillis until it has a slot, as far as can be said; 0 if it has one
     */
    record Candidate(String workerId, int freeSlots, boolean holdsPrefix, double waitMillis) {}

    /**
     * @param candidates in a stable order; one at least
     * @param rereadMillis what it costs a worker that does not hold the prefix to read it; infinite if that is
     *     not to be thought of
     * @return one of them; one without a free slot to wait for it
     */
    Optional<String> choose(List<Candidate> candidates, double rereadMillis);

    /** Where waiting and reading together take least; the one with most free slots among equals, then the first. */
    static Placement leastCost() {
        return (candidates, rereadMillis) -> {
            Candidate best = null;
            for (var candidate : candidates) {
                if (best == null || better(candidate, best, rereadMillis)) {
                    best = candidate;
                }
            }
            return Optional.ofNullable(best).map(Candidate::workerId);
        };
    }

    private static boolean better(Candidate candidate, Candidate best, double rereadMillis) {
        if (Double.isInfinite(rereadMillis) && candidate.holdsPrefix() != best.holdsPrefix()) {
            return candidate.holdsPrefix();
        }
        int cheaper = Double.compare(cost(candidate, rereadMillis), cost(best, rereadMillis));
        return cheaper == 0 ? candidate.freeSlots() > best.freeSlots() : cheaper < 0;
    }

    private static double cost(Candidate candidate, double rereadMillis) {
        return candidate.waitMillis() + (candidate.holdsPrefix() || Double.isInfinite(rereadMillis) ? 0 : rereadMillis);
    }
}
