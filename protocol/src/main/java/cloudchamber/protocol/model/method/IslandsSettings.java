package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * M independent particle filters, pooled by their evidence. Budget M × N.
 *
 * @param chains M, islands that never exchange particles
 * @param particles N in each island, at least 1
 * @param target the distribution the particles are a sample of
 * @param essThreshold κ in [0, 1]: a round ends in a resampling if κ = 1 or ESS &lt; κN
 * @param softmaxTemperature T: the potential enters the target to the power 1/T
 * @param aggregation how step scores become one potential; {@link Target#PRODUCT} takes no other than {@link Aggregation#LAST}
 */
public record IslandsSettings(
        int chains,
        int particles,
        Target target,
        Resampling resampling,
        double essThreshold,
        TemperatureSchedule softmaxTemperature,
        Aggregation aggregation,
        Selection selection)
        implements MethodSettings {
    /** The name of this method. */
    public static final String ID = "islands";

    public IslandsSettings {
        Checks.between(1, 0xFFFF, chains, "method.chains");
        Checks.atLeast(1, particles, "method.particles");
        Checks.present(target, "method.target");
        Checks.present(resampling, "method.resampling");
        Checks.between(0.0, 1.0, essThreshold, "method.essThreshold");
        Checks.present(softmaxTemperature, "method.softmaxTemperature");
        Checks.present(aggregation, "method.aggregation");
        Checks.present(selection, "method.selection");
        MethodChecks.stationary(target);
        MethodChecks.fits(target, aggregation);
    }

    /** 4 islands of 4 particles. */
    public static IslandsSettings standard() {
        return new IslandsSettings(
                4,
                4,
                Target.FINAL,
                Resampling.SYSTEMATIC,
                .5,
                TemperatureSchedule.constant(1),
                Aggregation.LAST,
                Selection.VOTE);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Allocation allocation() {
        return new Allocation(particles, 1, chains);
    }

    @Override
    public IslandsSettings withBudget(int generations) {
        return withParticles(Allocation.split(generations, 1, chains, 1).particles());
    }

    public IslandsSettings withChains(int chains) {
        return new IslandsSettings(
                chains, particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public IslandsSettings withParticles(int particles) {
        return new IslandsSettings(
                chains, particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public IslandsSettings withTarget(Target target) {
        return new IslandsSettings(
                chains, particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public IslandsSettings withResampling(Resampling resampling) {
        return new IslandsSettings(
                chains, particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public IslandsSettings withEssThreshold(double essThreshold) {
        return new IslandsSettings(
                chains, particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public IslandsSettings withSoftmaxTemperature(TemperatureSchedule softmaxTemperature) {
        return new IslandsSettings(
                chains, particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public IslandsSettings withAggregation(Aggregation aggregation) {
        return new IslandsSettings(
                chains, particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public IslandsSettings withSelection(Selection selection) {
        return new IslandsSettings(
                chains, particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }
}
