package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepLimit;
import java.util.List;

/**
 * One step in the prefix tree.
 *
 * @param id at least 1; nodes are numbered in the order of their rounds and plans
 * @param parent the id of the node before; 0 is the prompt
 * @param depth the steps up to and including this one, at least 1
 * @param logOdds the PRM's, of the prefix that ends here: one, or one per step; empty if it was not scored, as where the
 *     step adds no text: it weighs as what came before it
 * @param replacedCharacters of the step's text, by U+FFFD, as no database holds them: NUL and halves of surrogate pairs
 */
public record Node(int id, int parent, int depth, Step step, List<Double> logOdds, int replacedCharacters) {
    public Node {
        logOdds = List.copyOf(logOdds);
    }

    /** One whose text is as the policy gave it. */
    public Node(int id, int parent, int depth, Step step, List<Double> logOdds) {
        this(id, parent, depth, step, logOdds, 0);
    }

    /** Whether it only says that the context of a model is full: its particle stands where its parent stands. */
    boolean isContextEnd() {
        return step.limit() == StepLimit.CONTEXT && step.text().isEmpty() && logOdds.isEmpty();
    }
}
