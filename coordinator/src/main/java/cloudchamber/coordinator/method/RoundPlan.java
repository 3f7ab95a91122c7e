package cloudchamber.coordinator.method;

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
        var places = expansions.stream().mapToLong(RoundPlan::place).sorted().toArray();
        for (int index = 1; index < places.length; index++) {
            if (places[index] == places[index - 1]) {
                throw new IllegalArgumentException("the expansions of a round need different places: two had chain "
                        + (places[index] >>> 48) + ", iteration " + (places[index] >>> 32 & 0xFFFF) + ", slot "
                        + (int) places[index]);
            }
        }
    }

    /** Chain and iteration fit 16 bits each, as in {@code RandomStreams}. */
    private static long place(Expansion expansion) {
        return (long) expansion.chain() << 48 | (long) expansion.iteration() << 32 | expansion.slot();
    }

    /** Whether nothing is needed any more: the run is over. */
    public boolean isEmpty() {
        return expansions.isEmpty();
    }

    public static RoundPlan none(int round) {
        return new RoundPlan(round, List.of(), false);
    }
}
