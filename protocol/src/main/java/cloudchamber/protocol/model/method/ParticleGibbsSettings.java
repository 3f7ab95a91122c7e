package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * Particle Gibbs: passes of a particle filter, each given one trajectory of the pass before. Budget N × iterations.
 *
 * @param particles N, at least 2: the reference is one of them
 * @param iterations passes, at least 1; the first is a plain particle filter
 * @param burnIn passes that are left out of the answer, at most all but the last
 * @param target the distribution the particles are a sample of
 * @param resampling {@link Resampling#MULTINOMIAL} or {@link Resampling#SYSTEMATIC}, in their conditional form
 * @param essThreshold κ in [0, 1]: a round ends in a resampling if κ = 1 or ESS &lt; κN
 * @param softmaxTemperature T: the potential enters the target to the power 1/T
 * @param aggregation how step scores become one potential; {@link Target#PRODUCT} takes no other than {@link Aggregation#LAST}
 */
public record ParticleGibbsSettings(
        int particles,
        int iterations,
        int burnIn,
        Target target,
        Resampling resampling,
        double essThreshold,
        TemperatureSchedule softmaxTemperature,
        Aggregation aggregation,
        Selection selection)
        implements MethodSettings {
    /** The name of this method. */
    public static final String ID = "particle-gibbs";

    public ParticleGibbsSettings {
        Checks.atLeast(2, particles, "method.particles");
        Checks.between(1, 0xFFFF, iterations, "method.iterations");
        Checks.atLeast(0, burnIn, "method.burnIn");
        Checks.present(target, "method.target");
        Checks.present(resampling, "method.resampling");
        Checks.between(0.0, 1.0, essThreshold, "method.essThreshold");
        Checks.present(softmaxTemperature, "method.softmaxTemperature");
        Checks.present(aggregation, "method.aggregation");
        Checks.present(selection, "method.selection");
        MethodChecks.stationary(target);
        MethodChecks.fits(target, aggregation);
        MethodChecks.conditional(resampling);
    }

    /** 4 passes of 8 particles; the first is left out. */
    public static ParticleGibbsSettings standard() {
        return new ParticleGibbsSettings(
                8,
                4,
                1,
                Target.FINAL,
                Resampling.MULTINOMIAL,
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
        return new Allocation(particles, iterations, 1);
    }

    @Override
    public ParticleGibbsSettings withBudget(int generations) {
        return withParticles(Allocation.split(generations, iterations, 1, 2).particles());
    }

    public ParticleGibbsSettings withParticles(int particles) {
        return new ParticleGibbsSettings(
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection);
    }

    public ParticleGibbsSettings withIterations(int iterations) {
        return new ParticleGibbsSettings(
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection);
    }

    public ParticleGibbsSettings withBurnIn(int burnIn) {
        return new ParticleGibbsSettings(
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection);
    }

    public ParticleGibbsSettings withTarget(Target target) {
        return new ParticleGibbsSettings(
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection);
    }

    public ParticleGibbsSettings withResampling(Resampling resampling) {
        return new ParticleGibbsSettings(
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection);
    }

    public ParticleGibbsSettings withEssThreshold(double essThreshold) {
        return new ParticleGibbsSettings(
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection);
    }

    public ParticleGibbsSettings withSoftmaxTemperature(TemperatureSchedule softmaxTemperature) {
        return new ParticleGibbsSettings(
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection);
    }

    public ParticleGibbsSettings withAggregation(Aggregation aggregation) {
        return new ParticleGibbsSettings(
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection);
    }

    public ParticleGibbsSettings withSelection(Selection selection) {
        return new ParticleGibbsSettings(
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection);
    }
}
