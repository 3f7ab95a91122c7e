package cloudchamber.coordinator.method.chain;

import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.protocol.model.method.Tempering;

/** The temperature at which a population is resampled, at least 1. */
@FunctionalInterface
public interface Flattening {
    /** Resampling by the weights themselves. */
    Flattening NONE = (weights, step) -> 1;

    /**
     * The temperature.
     *
     * @param step counted from 1
     */
    double temperature(LogWeights weights, int step);

    /*
     * [1] "Mitigating Premature Exploitation in Particle-based Monte Carlo for Inference-Time Scaling",
     *     arXiv 2510.05825; the formulas are those of its_hub's code.
     */

    /**
     * Entropic flattening [1], while ESS/N is below {@code essThreshold} and the fraction of steps below
     * {@code earlyPhase}.
     *
     * @param maxSteps the most steps a particle may have
     */
    static Flattening entropic(Tempering tempering, double essThreshold, double earlyPhase, int maxSteps) {
        return (weights, step) -> {
            double ratio = weights.effectiveSampleSize() / weights.size();
            double progress = (double) step / maxSteps;
            if (!(ratio < essThreshold && progress < earlyPhase)) {
                return 1;
            }
            return switch (tempering) {
                case NONE -> 1;
                case ESS -> Math.max(1, (1 - progress) / ratio);
                case ENTROPY -> {
                    double entropy = weights.relativeEntropy();
                    yield Math.max(1, 1 / (entropy + (1 - entropy) * progress));
                }
                case BASE -> Math.max(1, 2 - progress);
            };
        };
    }
}
