package cloudchamber.protocol.wire;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * One prefix to score.
 *
 * @param lease what the worker renews while it works on this
 * @param model the name of the PRM that must answer
 * @param prompt null if the worker holds it, see {@code held}
 * @param node the last node of the prefix, for a worker that still holds its parent
 * @param prefix (T) the steps so far, at least one; the last is the new one; (1) only the new one where the
 *     worker holds those before it
 * @param parent the number of the node before {@code node}; null if not told
 * @param held the digest of the prefix that the worker holds under {@code parent}, see {@link
 *     PrefixStep#digest}; null if the request is whole
 */
public record ScoreRequest(
        AttemptKey key,
        long lease,
        String model,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonIgnoreProperties("templateArguments")
        Prompt prompt,

        NodeReference node,
        List<PrefixStep> prefix,
        @JsonInclude(JsonInclude.Include.NON_NULL) Integer parent,
        @JsonInclude(JsonInclude.Include.NON_NULL) Long held) {
    public ScoreRequest {
        prefix = List.copyOf(prefix);
        if ((prompt == null) != (held != null)) {
            throw new IllegalArgumentException(
                    "a request must have a prompt or name what the worker holds, not both: was " + key);
        }
        if (held != null && (parent == null || prefix.size() != 1)) {
            throw new IllegalArgumentException(
                    "a request that names what the worker holds must have a parent and one step: was " + key);
        }
    }

    /** A whole request whose parent is not told. */
    public ScoreRequest(
            AttemptKey key, long lease, String model, Prompt prompt, NodeReference node, List<PrefixStep> prefix) {
        this(key, lease, model, prompt, node, prefix, null, null);
    }

    /** The same request with all that the worker need not know. */
    public ScoreRequest whole(Prompt prompt, List<PrefixStep> prefix) {
        return new ScoreRequest(key, lease, model, prompt, node, prefix, parent, null);
    }

    /** The same request for a worker that holds the prompt and all steps but the last. */
    public ScoreRequest brief() {
        return new ScoreRequest(
                key,
                lease,
                model,
                null,
                node,
                List.of(prefix.getLast()),
                parent,
                PrefixStep.digest(prefix.subList(0, prefix.size() - 1)));
    }
}
