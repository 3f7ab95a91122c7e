package cloudchamber.coordinator.method;

import java.util.HashSet;
import java.util.List;

/**
 * What the open round of a run needs. A run is over when its plan is empty.
 *
 * @param round counted over the whole run, from 0
 * @param expansions in the order their nodes are numbered
 * @param scored whether each new node needs a score from the PRM
 */
public record RoundPlan(int round, List<Expansion> expansions, boolean scored) {
    public RoundPlan {
        expansions = List.copyOf(expansions);
        var places = new HashSet<List<Integer>>();
        for (var expansion : expansions) {
            if (!places.add(List.of(expansion.chain(), expansion.iteration(), expansion.slot()))) {
                throw new IllegalArgumentException(
                        "the expansions of a round need different places: two had " + expansion);
            }
        }
    }

    /** Whether nothing is needed any more: the run is over. */
    public boolean isEmpty() {
        return expansions.isEmpty();
    }

    static RoundPlan none(int round) {
        return new RoundPlan(round, List.of(), false);
    }
}
