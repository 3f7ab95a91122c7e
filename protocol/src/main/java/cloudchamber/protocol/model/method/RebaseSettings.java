package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * Reward-balanced search: the steps of a round are shared out in proportion to e^{score/T}. Budget N.
 *
 * @param particles N, the width of the tree: steps in a round plus finished texts
 * @param softmaxTemperature of the scores, which are probabilities; in [1e-6, 1e6]
 * @param aggregation how step scores become the score of a text
 */
public record RebaseSettings(int particles, double softmaxTemperature, Aggregation aggregation, Selection selection)
        implements MethodSettings {
    /** The name of this method. */
    public static final String ID = "rebase";

    public RebaseSettings {
        Checks.atLeast(1, particles, "method.particles");
        Checks.between(1e-6, 1e6, softmaxTemperature, "method.softmaxTemperature");
        Checks.present(aggregation, "method.aggregation");
        Checks.present(selection, "method.selection");
    }

    /** Width 16 at temperature 0.2, a vote by score. */
    public static RebaseSettings standard() {
        return new RebaseSettings(16, 0.2, Aggregation.LAST, Selection.VOTE);
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
    public RebaseSettings withBudget(int generations) {
        return withParticles(generations);
    }

    public RebaseSettings withParticles(int particles) {
        return new RebaseSettings(particles, softmaxTemperature, aggregation, selection);
    }

    public RebaseSettings withSoftmaxTemperature(double softmaxTemperature) {
        return new RebaseSettings(particles, softmaxTemperature, aggregation, selection);
    }

    public RebaseSettings withAggregation(Aggregation aggregation) {
        return new RebaseSettings(particles, softmaxTemperature, aggregation, selection);
    }

    public RebaseSettings withSelection(Selection selection) {
        return new RebaseSettings(particles, softmaxTemperature, aggregation, selection);
    }
}
