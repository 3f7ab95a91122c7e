package cloudchamber.protocol.model;

import java.util.List;

/**
 * A step as a request repeats it: what was generated before the step now asked for.
 *
 * @param text the step's text, delimiter included
 * @param tokenIds as generated; empty where the policy did not tell them
 */
public record PrefixStep(String text, List<Integer> tokenIds) {
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    public PrefixStep {
        Checks.present(text, "text");
        tokenIds = Checks.copy(tokenIds, "tokenIds");
    }

    /**
     * Tells prefixes of the same node apart, texts and token ids both. Not for adversaries: who writes the
     * prefix also names the digest.
     */
    public static long digest(List<PrefixStep> prefix) {
        long digest = prefix.size();
        for (var step : prefix) {
            digest = (digest ^ step.text().hashCode()) * MULTIPLIER;
            digest = (digest ^ digest >>> 29 ^ step.tokenIds().hashCode()) * MULTIPLIER;
        }
        return digest ^ digest >>> 32;
    }
}
