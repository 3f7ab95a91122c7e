package cloudchamber.protocol.model;

/**
 * What a particle may use. A step cut by its own limit goes on in the next; the other limits finish
 * the particle.
 *
 * @param maxSteps at least 1
 * @param maxStepTokens at least 1
 * @param maxTokens at least 1; of the whole particle, the prompt not counted
 */
public record Limits(int maxSteps, int maxStepTokens, int maxTokens) {
    public Limits {
        Checks.atLeast(1, maxSteps, "sampling.maxSteps");
        Checks.atLeast(1, maxStepTokens, "sampling.maxStepTokens");
        Checks.atLeast(1, maxTokens, "sampling.maxTokens");
    }
}
