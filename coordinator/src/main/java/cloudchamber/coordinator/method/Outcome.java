package cloudchamber.coordinator.method;

import cloudchamber.coordinator.method.MethodEvent.RunStopped;
import java.util.List;

/**
 * What a finished run found.
 *
 * @param particles the last population, or the passes' that count, pooled; their weights add up to 1
 * @param posterior the weight of each answer, equal answers together, heaviest first; they add up to 1. Null
 *     if a certificate ended the run: the winner is known, its weight is not
 * @param answer the answer that was selected; null if no particle has one
 * @param logEvidence log Ẑ in nats; null where it is not defined
 * @param noEvidence why {@code logEvidence} is null; null where it is not
 * @param clippedScores how many scores were beyond what the target can weigh and were clipped
 * @param stopped why the run ended early; null if it did not
 */
public record Outcome(
        List<Particle> particles,
        List<AnswerWeight> posterior,
        String answer,
        Double logEvidence,
        String noEvidence,
        int clippedScores,
        RunStopped.Reason stopped) {
    public Outcome {
        particles = List.copyOf(particles);
        posterior = posterior == null ? null : List.copyOf(posterior);
        if ((logEvidence == null) == (noEvidence == null)) {
            throw new IllegalArgumentException("a run must have either evidence or a reason for its absence: had "
                    + logEvidence + " and " + noEvidence);
        }
    }

    /**
     * A partial answer of the last population.
     *
     * @param node where it ends
     * @param weight normalised, in [0, 1]
     * @param answer null if its text has none
     */
    public record Particle(int node, double weight, String answer) {}

    /** @param answer null for the particles without one, which are never elected */
    public record AnswerWeight(String answer, double weight) {}
}
