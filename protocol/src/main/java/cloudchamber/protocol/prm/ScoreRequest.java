package cloudchamber.protocol.prm;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import java.util.List;

/**
 * One prefix to score.
 *
 * @param lease what the worker renews while it works on this
 * @param model the name of the PRM that must answer
 * @param node the last node of the prefix, for a worker that still holds its parent
 * @param prefix (T) the steps so far, at least one; the last is the new one
 */
public record ScoreRequest(
        AttemptKey key, long lease, String model, Prompt prompt, NodeReference node, List<PrefixStep> prefix) {
    public ScoreRequest {
        prefix = List.copyOf(prefix);
    }
}
