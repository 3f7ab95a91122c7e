package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * A particle filter whose early resamplings are flattened, and which may look one step ahead. Budget N.
 *
 * @param particles N, at least 1
 * @param target the distribution the particles are a sample of
 * @param resampling one of equal weights, so not {@link Resampling#OPTIMAL}
 * @param essThreshold κ in [0, 1]: a round ends in a resampling if κ = 1 or ESS &lt; κN
 * @param tempering how a resampling is flattened while few particles carry the weight
 * @param earlyPhase in [0, 1]; flattened only before this fraction of the most steps a particle may have
 * @param corrected whether children carry what the flattening took from their weight. False is the published form: every
 *     round weighs by the newest odds, resamples, and forgets
 * @param lookAhead whether particles are also judged by one greedy step ahead when they are resampled; corrected only
 * @param aggregation how step scores become one potential; {@link Target#PRODUCT} takes no other than {@link Aggregation#LAST}
 */
public record EntropicParticleFilterSettings(
        int particles,
        Target target,
        Resampling resampling,
        double essThreshold,
        Tempering tempering,
        double earlyPhase,
        boolean corrected,
        boolean lookAhead,
        Aggregation aggregation,
        Selection selection)
        implements MethodSettings {
    /** The name of this method. */
    public static final String ID = "entropic-particle-filter";

    public EntropicParticleFilterSettings {
        Checks.atLeast(1, particles, "method.particles");
        Checks.present(target, "method.target");
        Checks.present(resampling, "method.resampling");
        Checks.between(0.0, 1.0, essThreshold, "method.essThreshold");
        Checks.present(aggregation, "method.aggregation");
        Checks.present(selection, "method.selection");
        Checks.present(tempering, "method.tempering");
        Checks.between(0.0, 1.0, earlyPhase, "method.earlyPhase");
        MethodChecks.stationary(target);
        MethodChecks.fits(target, aggregation);
        if (resampling == Resampling.OPTIMAL) {
            throw new IllegalArgumentException("method.resampling must give children of equal weight: was optimal");
        }
        if (lookAhead && !corrected) {
            throw new IllegalArgumentException("method.corrected must be true with method.lookAhead: was false");
        }
    }

    /** 16 particles, systematic, flattened by ESS below a half and before half of the steps, corrected. */
    public static EntropicParticleFilterSettings standard() {
        return new EntropicParticleFilterSettings(
                16,
                Target.FINAL,
                Resampling.SYSTEMATIC,
                .5,
                Tempering.ESS,
                .5,
                true,
                false,
                Aggregation.LAST,
                Selection.VOTE);
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
    public EntropicParticleFilterSettings withBudget(int generations) {
        return withParticles(generations);
    }

    public EntropicParticleFilterSettings withParticles(int particles) {
        return new EntropicParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                tempering,
                earlyPhase,
                corrected,
                lookAhead,
                aggregation,
                selection);
    }

    public EntropicParticleFilterSettings withTarget(Target target) {
        return new EntropicParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                tempering,
                earlyPhase,
                corrected,
                lookAhead,
                aggregation,
                selection);
    }

    public EntropicParticleFilterSettings withResampling(Resampling resampling) {
        return new EntropicParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                tempering,
                earlyPhase,
                corrected,
                lookAhead,
                aggregation,
                selection);
    }

    public EntropicParticleFilterSettings withEssThreshold(double essThreshold) {
        return new EntropicParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                tempering,
                earlyPhase,
                corrected,
                lookAhead,
                aggregation,
                selection);
    }

    public EntropicParticleFilterSettings withTempering(Tempering tempering) {
        return new EntropicParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                tempering,
                earlyPhase,
                corrected,
                lookAhead,
                aggregation,
                selection);
    }

    public EntropicParticleFilterSettings withEarlyPhase(double earlyPhase) {
        return new EntropicParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                tempering,
                earlyPhase,
                corrected,
                lookAhead,
                aggregation,
                selection);
    }

    public EntropicParticleFilterSettings withCorrected(boolean corrected) {
        return new EntropicParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                tempering,
                earlyPhase,
                corrected,
                lookAhead,
                aggregation,
                selection);
    }

    public EntropicParticleFilterSettings withLookAhead(boolean lookAhead) {
        return new EntropicParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                tempering,
                earlyPhase,
                corrected,
                lookAhead,
                aggregation,
                selection);
    }

    public EntropicParticleFilterSettings withAggregation(Aggregation aggregation) {
        return new EntropicParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                tempering,
                earlyPhase,
                corrected,
                lookAhead,
                aggregation,
                selection);
    }

    public EntropicParticleFilterSettings withSelection(Selection selection) {
        return new EntropicParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                tempering,
                earlyPhase,
                corrected,
                lookAhead,
                aggregation,
                selection);
    }
}
