package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * N whole generations; the answer with the greatest sum of scores, which are probabilities. Budget N.
 *
 * @param particles N, at least 1
 * @param aggregation how step scores become the score of a text
 */
public record WeightedBestOfNSettings(int particles, Aggregation aggregation) implements MethodSettings {
    /** The name of this method. */
    public static final String ID = "weighted-best-of-n";

    public WeightedBestOfNSettings {
        Checks.atLeast(1, particles, "method.particles");
        Checks.present(aggregation, "method.aggregation");
    }

    /** 16 generations, judged by their last step. */
    public static WeightedBestOfNSettings standard() {
        return new WeightedBestOfNSettings(16, Aggregation.LAST);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Allocation allocation() {
        return new Allocation(particles, 1, 1);
    }

    @Override
    public WeightedBestOfNSettings withBudget(int generations) {
        return withParticles(generations);
    }

    public WeightedBestOfNSettings withParticles(int particles) {
        return new WeightedBestOfNSettings(particles, aggregation);
    }

    public WeightedBestOfNSettings withAggregation(Aggregation aggregation) {
        return new WeightedBestOfNSettings(particles, aggregation);
    }
}
