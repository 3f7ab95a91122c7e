package cloudchamber.protocol.model;

/**
 * A particle filter over reasoning steps.
 *
 * @param particles N, at least 1
 * @param target the distribution the particles are a sample of
 * @param essThreshold κ in [0, 1]: a round ends in a resampling if κ = 1 or ESS &lt; κN
 * @param softmaxTemperature T: the potential enters the target to the power 1/T
 * @param aggregation how step scores become one potential; {@link Target#PRODUCT} uses every step's own
 *     score and takes no other than {@link Aggregation#LAST}
 */
public record ParticleFilterSettings(
        int particles,
        Target target,
        Resampling resampling,
        double essThreshold,
        TemperatureSchedule softmaxTemperature,
        Aggregation aggregation,
        Selection selection)
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
        if (target == Target.PRODUCT && aggregation != Aggregation.LAST) {
            throw new IllegalArgumentException(
                    "method.aggregation must be last for the target product, which uses every step's own score: was "
                            + aggregation.id());
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
                Selection.VOTE);
    }

    @Override
    public String id() {
        return ID;
    }

    public ParticleFilterSettings withParticles(int particles) {
        return new ParticleFilterSettings(
                particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public ParticleFilterSettings withTarget(Target target) {
        return new ParticleFilterSettings(
                particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public ParticleFilterSettings withResampling(Resampling resampling) {
        return new ParticleFilterSettings(
                particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public ParticleFilterSettings withEssThreshold(double essThreshold) {
        return new ParticleFilterSettings(
                particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public ParticleFilterSettings withSoftmaxTemperature(TemperatureSchedule softmaxTemperature) {
        return new ParticleFilterSettings(
                particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public ParticleFilterSettings withAggregation(Aggregation aggregation) {
        return new ParticleFilterSettings(
                particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }

    public ParticleFilterSettings withSelection(Selection selection) {
        return new ParticleFilterSettings(
                particles, target, resampling, essThreshold, softmaxTemperature, aggregation, selection);
    }
}
