package cloudchamber.coordinator.dispatch;

import java.util.List;
import java.util.Optional;

/** Where a piece of work goes. A pure function of what is free now and what is held where. */
public interface Placement {

    /**
     * A worker that could take the work, now or later.
     *
     * @param freeSlots 0 for one that holds the prefix and is busy
     * @param rereadMillis what it costs it to read of the prefix what it does not hold; 0 if it holds all
     * @param waitMillis until it has a slot, as far as can be said; 0 if it has one
     */
    record Candidate(String workerId, int freeSlots, double rereadMillis, double waitMillis) {}

    /**
     * @param candidates in a stable order
     * @param patient whether there is other work for the free slots, so that waiting costs nothing
     * @return one of them; one without a free slot to wait for it
     */
    Optional<String> choose(List<Candidate> candidates, boolean patient);

    /**
     * Where waiting and reading together take least, or, if patient, where least is read; the one with most free
     * slots among equals, then the first.
     */
    static Placement leastCost() {
        return (candidates, patient) -> {
            Candidate best = null;
            for (var candidate : candidates) {
                if (best == null || better(candidate, best, patient)) {
                    best = candidate;
                }
            }
            return Optional.ofNullable(best).map(Candidate::workerId);
        };
    }

    private static boolean better(Candidate candidate, Candidate best, boolean patient) {
        int cheaper = Double.compare(cost(candidate, patient), cost(best, patient));
        return cheaper == 0 ? candidate.freeSlots() > best.freeSlots() : cheaper < 0;
    }

    private static double cost(Candidate candidate, boolean patient) {
        return candidate.rereadMillis() + (patient ? 0 : candidate.waitMillis());
    }
}
