package cloudchamber.protocol.wire;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.List;

/**
 * One particle to extend by one step.
 *
 * @param lease what the worker renews while it works on this
 * @param model the name of the model that must answer
 * @param prompt null if the worker holds it, see {@code held}
 * @param parent the node the step hangs from, for a worker that still holds it
 * @param prefix (depth of the parent) every step before the one asked for; empty below the prompt, and where
 *     the worker holds it
 * @param seed the key of the step's random stream; the same on every attempt
 * @param stops texts that end a step and stay part of it; none: one whole generation
 * @param maxStepTokens at least 1; what this step may have
 * @param maxTokens at least 1; what is left to the particle
 * @param node the number of the node the step will be, for a worker that keeps it; null if not told
 * @param maxThinkingTokens at least 0; what is left to the particle's thoughts; null for no limit of their own, or where
 *     it thinks no more
 * @param held the digest of the prefix that the worker holds under {@code parent}, see {@link
 *     PrefixStep#digest}; null if the request is whole
 */
public record ExtendRequest(
        AttemptKey key,
        long lease,
        String model,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSerialize(using = PromptSerializer.class)
        Prompt prompt,

        NodeReference parent,
        List<PrefixStep> prefix,
        Sampling sampling,
        long seed,
        List<String> stops,
        int maxStepTokens,
        int maxTokens,
        @JsonInclude(JsonInclude.Include.NON_NULL) Integer node,
        @JsonInclude(JsonInclude.Include.NON_NULL) Integer maxThinkingTokens,
        @JsonInclude(JsonInclude.Include.NON_NULL) Long held) {
    public ExtendRequest {
        prefix = List.copyOf(prefix);
        stops = List.copyOf(stops);
        if (maxStepTokens < 1 || maxTokens < 1) {
            throw new IllegalArgumentException("maxStepTokens and maxTokens must be at least 1: were " + maxStepTokens
                    + " and " + maxTokens + " (" + key + ")");
        }
        if ((prompt == null) != (held != null)) {
            throw new IllegalArgumentException(
                    "a request must have a prompt or name what the worker holds, not both: was " + key);
        }
    }

    /** A whole request whose node is not told. */
    public ExtendRequest(
            AttemptKey key,
            long lease,
            String model,
            Prompt prompt,
            NodeReference parent,
            List<PrefixStep> prefix,
            Sampling sampling,
            long seed,
            List<String> stops,
            int maxStepTokens,
            int maxTokens) {
        this(
                key,
                lease,
                model,
                prompt,
                parent,
                prefix,
                sampling,
                seed,
                stops,
                maxStepTokens,
                maxTokens,
                null,
                null,
                null);
    }

    /** The same request with all that the worker need not know. */
    public ExtendRequest whole(Prompt prompt, List<PrefixStep> prefix) {
        return new ExtendRequest(
                key,
                lease,
                model,
                prompt,
                parent,
                prefix,
                sampling,
                seed,
                stops,
                maxStepTokens,
                maxTokens,
                node,
                maxThinkingTokens,
                null);
    }

    /** The same request for fewer tokens, and without a limit to thoughts of its own. */
    public ExtendRequest within(int stepTokens, int tokens) {
        return new ExtendRequest(
                key, lease, model, prompt, parent, prefix, sampling, seed, stops, stepTokens, tokens, node, null, held);
    }

    /** The same request after other steps, from another stream. */
    public ExtendRequest after(List<PrefixStep> steps, long stream) {
        return new ExtendRequest(
                key,
                lease,
                model,
                prompt,
                parent,
                steps,
                sampling,
                stream,
                stops,
                maxStepTokens,
                maxTokens,
                node,
                maxThinkingTokens,
                held);
    }

    /** The same request for a worker that holds the prompt and the prefix. */
    public ExtendRequest brief() {
        return new ExtendRequest(
                key,
                lease,
                model,
                null,
                parent,
                List.of(),
                sampling,
                seed,
                stops,
                maxStepTokens,
                maxTokens,
                node,
                maxThinkingTokens,
                PrefixStep.digest(prefix));
    }
}
