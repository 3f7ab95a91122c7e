package cloudchamber.protocol.policy;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import java.util.List;

/**
 * One particle to extend by one step.
 *
 * @param lease what the worker renews while it works on this
 * @param model the name of the model that must answer
 * @param parent the node the step hangs from, for a worker that still holds it
 * @param prefix (depth of the parent) every step before the one asked for; empty below the prompt
 * @param seed the key of the step's random stream; the same on every attempt
 * @param stops texts that end a step and stay part of it; none: one whole generation
 * @param maxStepTokens at least 1; what this step may have
 * @param maxTokens at least 1; what is left to the particle
 */
public record ExtendRequest(
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
    public ExtendRequest {
        prefix = List.copyOf(prefix);
        stops = List.copyOf(stops);
        if (maxStepTokens < 1 || maxTokens < 1) {
            throw new IllegalArgumentException("maxStepTokens and maxTokens must be at least 1: were " + maxStepTokens
                    + " and " + maxTokens + " (" + key + ")");
        }
    }
}
