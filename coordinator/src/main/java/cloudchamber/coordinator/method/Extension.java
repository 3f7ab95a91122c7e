package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.Step;
import java.util.List;

/**
 * What became of an expansion.
 *
 * @param step classified against the limits and the final answer
 * @param logOdds the PRM's, of the new prefix: one, or one per step; never NaN, infinite where the
 *     probability is 0 or 1; empty in a round without scores
 */
public record Extension(Expansion expansion, Step step, List<Double> logOdds) {
    public Extension {
        logOdds = List.copyOf(logOdds);
    }

    /** The node it becomes, with the id {@code id}. */
    public Node node(PrefixTree tree, int id) {
        return new Node(id, expansion.parent(), tree.depth(expansion.parent()) + 1, step, logOdds);
    }
}
