package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.Step;
import java.util.List;

/**
 * What became of an expansion.
 *
 * @param step classified against the limits and the final answer
 * @param logOdds the PRM's, of the new prefix: one, or one per step; never NaN, infinite where the
 *     probability is 0 or 1; empty in a round without scores
 * @param replacedCharacters of the step's text, by U+FFFD, as no database holds them
 */
public record Extension(Expansion expansion, Step step, List<Double> logOdds, int replacedCharacters) {
    public Extension {
        logOdds = List.copyOf(logOdds);
    }

    /** One whose text is as the policy gave it. */
    public Extension(Expansion expansion, Step step, List<Double> logOdds) {
        this(expansion, step, logOdds, 0);
    }

    /** The node it becomes, with the id {@code id}. */
    public Node node(PrefixTree tree, int id) {
        return new Node(id, expansion.parent(), tree.depth(expansion.parent()) + 1, step, logOdds, replacedCharacters);
    }
}
