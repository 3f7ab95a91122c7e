package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * Particle Gibbs in M chains at rising temperatures, whose trajectories swap. Budget N × iterations × M.
 *
 * @param chains M, at least 1
 * @param particles N, at least 2: the reference is one of them
 * @param iterations passes, at least 1; the first is a plain particle filter
 * @param burnIn passes that are left out of the answer, at most all but the last
 * @param target the distribution the particles are a sample of
 * @param resampling {@link Resampling#MULTINOMIAL} or {@link Resampling#SYSTEMATIC}, in their conditional form
 * @param essThreshold κ in [0, 1]: a round ends in a resampling if κ = 1 or ESS &lt; κN
 * @param softmaxTemperature of chain 0, whose law is the target; in [1e-6, 1e6]
 * @param ladderRatio ρ in (0, 1]: chain k has the inverse temperature ρ^k/T
 * @param aggregation how step scores become one potential; {@link Target#PRODUCT} takes no other than {@link Aggregation#LAST}
 */
public record ParallelTemperingSettings(
        int chains,
        int particles,
        int iterations,
        int burnIn,
        Target target,
        Resampling resampling,
        double essThreshold,
        double softmaxTemperature,
        double ladderRatio,
        Aggregation aggregation,
        Selection selection)
        implements MethodSettings {
    /** The name of this method. */
    public static final String ID = "parallel-tempering";

    public ParallelTemperingSettings {
        Checks.between(1, 0xFFFF, chains, "method.chains");
        Checks.atLeast(2, particles, "method.particles");
        Checks.between(1, 0xFFFF, iterations, "method.iterations");
        Checks.atLeast(0, burnIn, "method.burnIn");
        Checks.present(target, "method.target");
        Checks.present(resampling, "method.resampling");
        Checks.between(0.0, 1.0, essThreshold, "method.essThreshold");
        Checks.between(1e-6, 1e6, softmaxTemperature, "method.softmaxTemperature");
        Checks.between(1e-3, 1.0, ladderRatio, "method.ladderRatio");
        Checks.present(aggregation, "method.aggregation");
        Checks.present(selection, "method.selection");
        MethodChecks.stationary(target);
        MethodChecks.fits(target, aggregation);
        MethodChecks.conditional(resampling);
    }

    /** 2 chains at temperatures 1 and 2, 4 passes of 4 particles; the first is left out. */
    public static ParallelTemperingSettings standard() {
        return new ParallelTemperingSettings(
                2, 4, 4, 1, Target.FINAL, Resampling.MULTINOMIAL, .5, 1, .5, Aggregation.LAST, Selection.VOTE);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Allocation allocation() {
        return new Allocation(particles, iterations, chains);
    }

    @Override
    public ParallelTemperingSettings withBudget(int generations) {
        return withParticles(
                Allocation.split(generations, iterations, chains, 2).particles());
    }

    public ParallelTemperingSettings withChains(int chains) {
        return new ParallelTemperingSettings(
                chains,
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                ladderRatio,
                aggregation,
                selection);
    }

    public ParallelTemperingSettings withParticles(int particles) {
        return new ParallelTemperingSettings(
                chains,
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                ladderRatio,
                aggregation,
                selection);
    }

    public ParallelTemperingSettings withIterations(int iterations) {
        return new ParallelTemperingSettings(
                chains,
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                ladderRatio,
                aggregation,
                selection);
    }

    public ParallelTemperingSettings withBurnIn(int burnIn) {
        return new ParallelTemperingSettings(
                chains,
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                ladderRatio,
                aggregation,
                selection);
    }

    public ParallelTemperingSettings withTarget(Target target) {
        return new ParallelTemperingSettings(
                chains,
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                ladderRatio,
                aggregation,
                selection);
    }

    public ParallelTemperingSettings withResampling(Resampling resampling) {
        return new ParallelTemperingSettings(
                chains,
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                ladderRatio,
                aggregation,
                selection);
    }

    public ParallelTemperingSettings withEssThreshold(double essThreshold) {
        return new ParallelTemperingSettings(
                chains,
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                ladderRatio,
                aggregation,
                selection);
    }

    public ParallelTemperingSettings withSoftmaxTemperature(double softmaxTemperature) {
        return new ParallelTemperingSettings(
                chains,
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                ladderRatio,
                aggregation,
                selection);
    }

    public ParallelTemperingSettings withLadderRatio(double ladderRatio) {
        return new ParallelTemperingSettings(
                chains,
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                ladderRatio,
                aggregation,
                selection);
    }

    public ParallelTemperingSettings withAggregation(Aggregation aggregation) {
        return new ParallelTemperingSettings(
                chains,
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                ladderRatio,
                aggregation,
                selection);
    }

    public ParallelTemperingSettings withSelection(Selection selection) {
        return new ParallelTemperingSettings(
                chains,
                particles,
                iterations,
                burnIn,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                ladderRatio,
                aggregation,
                selection);
    }
}
