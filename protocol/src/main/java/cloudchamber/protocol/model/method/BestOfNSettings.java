package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * N whole generations; the answer of the one with the highest score. Budget N.
 *
 * @param particles N, at least 1
 * @param aggregation how step scores become the score of a text
 */
public record BestOfNSettings(int particles, Aggregation aggregation) implements MethodSettings {
    /** The name of this method. */
    public static final String ID = "best-of-n";

    public BestOfNSettings {
        Checks.atLeast(1, particles, "method.particles");
        Checks.present(aggregation, "method.aggregation");
    }

    /** 16 generations, judged by their last step. */
    public static BestOfNSettings standard() {
        return new BestOfNSettings(16, Aggregation.LAST);
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
    public BestOfNSettings withBudget(int generations) {
        return withParticles(generations);
    }

    public BestOfNSettings withParticles(int particles) {
        return new BestOfNSettings(particles, aggregation);
    }

    public BestOfNSettings withAggregation(Aggregation aggregation) {
        return new BestOfNSettings(particles, aggregation);
    }
}
