package cloudchamber.protocol.model;

import java.util.List;

/**
 * A step as a request repeats it: what was generated before the step now asked for.
 *
 * @param text the step's text, delimiter included
 * @param tokenIds as generated; empty where the policy did not tell them
 */
public record PrefixStep(String text, List<Integer> tokenIds) {
    public PrefixStep {
        Checks.present(text, "text");
        tokenIds = Checks.copy(tokenIds, "tokenIds");
    }
}
