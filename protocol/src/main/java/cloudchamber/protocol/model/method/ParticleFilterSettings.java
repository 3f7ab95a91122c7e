package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * A particle filter over reasoning steps. Budget N.
 *
 * @param particles N, at least 1
 * @param target the distribution the particles are a sample of
 * @param essThreshold κ in [0, 1]: a round ends in a resampling if κ = 1 or ESS &lt; κN; {@link Target#PAPER} and
 *     {@link Target#ITS_HUB} resample in every round
 * @param softmaxTemperature T: the potential enters the target to the power 1/T
 * @param aggregation how step scores become one potential; {@link Target#PRODUCT} takes no other than {@link Aggregation#LAST}
 * @param branching steps tried after each live particle, at least 1; the population is then cut back to N. Above 1 suits
 *     {@link Resampling#OPTIMAL}, which at 1 keeps every particle
 * @param potential where the score of a prefix comes from
 * @param certificate whether to stop as soon as no live particle can change the vote. Needs κ = 0 and the target
 *     {@link Target#PRODUCT} or {@link Target#FINAL_LOG}, else it could be wrong
 */
public record ParticleFilterSettings(
        int particles,
        Target target,
        Resampling resampling,
        double essThreshold,
        TemperatureSchedule softmaxTemperature,
        Aggregation aggregation,
        Selection selection,
        int branching,
        PotentialSource potential,
        boolean certificate)
        implements MethodSettings {
    /** The name of this method. */
    public static final String ID = "particle-filter";

    public ParticleFilterSettings {
        Checks.atLeast(1, particles, "method.particles");
        Checks.present(target, "method.target");
        Checks.present(resampling, "method.resampling");
        Checks.between(0.0, 1.0, essThreshold, "method.essThreshold");
        Checks.present(softmaxTemperature, "method.softmaxTemperature");
        Checks.present(aggregation, "method.aggregation");
        Checks.present(selection, "method.selection");
        MethodChecks.fits(target, aggregation);
        Checks.atLeast(1, branching, "method.branching");
        Checks.present(potential, "method.potential");
        if (potential == PotentialSource.SELF_CERTAINTY && aggregation != Aggregation.LAST) {
            throw new IllegalArgumentException(
                    "method.aggregation must be last for the potential self-certainty, which has one score a step: was "
                            + aggregation.id());
        }
        if ((branching > 1 || resampling == Resampling.OPTIMAL)
                && (target == Target.PAPER || target == Target.ITS_HUB)) {
            throw new IllegalArgumentException("method.branching must be 1, and resampling other than optimal, for the"
                    + " target " + target.id() + ": was " + branching + ", " + resampling.id());
        }
        if (certificate
                && !(essThreshold == 0
                        && branching == 1
                        && selection == Selection.VOTE
                        && (target == Target.PRODUCT || target == Target.FINAL_LOG))) {
            throw new IllegalArgumentException(
                    "method.certificate needs essThreshold 0, branching 1, selection vote and"
                            + " target product or final-log: was " + essThreshold + ", " + branching + ", "
                            + selection.id()
                            + ", " + target.id());
        }
    }

    /** 16 particles of the target {@code final}, systematic resampling below half the particles, a vote. */
    public static ParticleFilterSettings standard() {
        return new ParticleFilterSettings(
                16,
                Target.FINAL,
                Resampling.SYSTEMATIC,
                .5,
                TemperatureSchedule.constant(1),
                Aggregation.LAST,
                Selection.VOTE,
                1,
                PotentialSource.PRM,
                false);
    }

    /**
     * What is usual for {@code target}: {@link #standard} for the stationary ones; for the published ones
     * multinomial resampling in every round, and the best last score wins.
     */
    public static ParticleFilterSettings standard(Target target) {
        return switch (target) {
            case FINAL, PRODUCT, FINAL_LOG -> standard().withTarget(target);
            case PAPER, ITS_HUB ->
                standard()
                        .withTarget(target)
                        .withResampling(Resampling.MULTINOMIAL)
                        .withEssThreshold(1)
                        .withSelection(Selection.BEST_SCORE);
        };
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
    public ParticleFilterSettings withBudget(int generations) {
        return withParticles(generations);
    }

    public ParticleFilterSettings withParticles(int particles) {
        return new ParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection,
                branching,
                potential,
                certificate);
    }

    public ParticleFilterSettings withTarget(Target target) {
        return new ParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection,
                branching,
                potential,
                certificate);
    }

    public ParticleFilterSettings withResampling(Resampling resampling) {
        return new ParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection,
                branching,
                potential,
                certificate);
    }

    public ParticleFilterSettings withEssThreshold(double essThreshold) {
        return new ParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection,
                branching,
                potential,
                certificate);
    }

    public ParticleFilterSettings withSoftmaxTemperature(TemperatureSchedule softmaxTemperature) {
        return new ParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection,
                branching,
                potential,
                certificate);
    }

    public ParticleFilterSettings withAggregation(Aggregation aggregation) {
        return new ParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection,
                branching,
                potential,
                certificate);
    }

    public ParticleFilterSettings withSelection(Selection selection) {
        return new ParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection,
                branching,
                potential,
                certificate);
    }

    public ParticleFilterSettings withBranching(int branching) {
        return new ParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection,
                branching,
                potential,
                certificate);
    }

    public ParticleFilterSettings withPotential(PotentialSource potential) {
        return new ParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection,
                branching,
                potential,
                certificate);
    }

    public ParticleFilterSettings withCertificate(boolean certificate) {
        return new ParticleFilterSettings(
                particles,
                target,
                resampling,
                essThreshold,
                softmaxTemperature,
                aggregation,
                selection,
                branching,
                potential,
                certificate);
    }
}
