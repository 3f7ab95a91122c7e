package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.Step;
import java.util.List;

/**
 * One step in the prefix tree.
 *
 * @param id at least 1; nodes are numbered in the order of their rounds and plans
 * @param parent the id of the node before; 0 is the prompt
 * @param depth the steps up to and including this one, at least 1
 * @param logOdds the PRM's, of the prefix that ends here: one, or one per step; empty if it was not scored, as where the
 *     step adds no text: it weighs as what came before it
 */
public record Node(int id, int parent, int depth, Step step, List<Double> logOdds) {
    public Node {
        logOdds = List.copyOf(logOdds);
    }
}
