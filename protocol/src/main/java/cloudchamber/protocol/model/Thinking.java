package cloudchamber.protocol.model;

/**
 * How a particle may think. A specification without one has {@link #FREE}.
 *
 * @param maxTokens of its thoughts together, at least 1; at its end the thought is closed. Null for no limit of its own
 * @param unscored whether steps that end inside a thought have no score; they then weigh as what came before them
 */
public record Thinking(Integer maxTokens, boolean unscored) {
    /** No limit but the particle's, each step scored. */
    public static final Thinking FREE = new Thinking(null, false);

    public Thinking {
        if (maxTokens != null) {
            Checks.atLeast(1, maxTokens, "sampling.maxThinkingTokens");
        }
    }
}
