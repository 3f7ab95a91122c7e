package cloudchamber.coordinator.smc;

import java.util.Arrays;
import java.util.List;

/**
 * The unnormalised log-weights of N particles, in nats. Immutable; no weight is NaN or +Infinity. A dead
 * particle has -Infinity; all may be dead, which {@link #allDead} tells.
 */
public final class LogWeights {
    /*
     * Results subtract the largest log-weight before they exponentiate, so only differences matter and no
     * finite input overflows. StrictMath, because draws depend on the results and Math.exp may differ by
     * an ulp between processors.
     *
     * [1] Kong, Liu and Wong, "Sequential Imputations and Bayesian Missing Data Problems", JASA 89
     *     (1994), 278-288: the effective sample size.
     */
    private final double[] log; // (N)
    private final double max;
    private Scaled scaled; // computed when first asked for; any thread computes the same

    private LogWeights(double[] log) {
        if (log.length == 0) {
            throw new IllegalArgumentException("log-weights need at least one particle: were none");
        }
        double max = Double.NEGATIVE_INFINITY;
        for (int particle = 0; particle < log.length; particle++) {
            double value = log[particle];
            if (!(value < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("log-weights must be finite, or -Infinity for a dead particle: was "
                        + value + " at particle " + particle);
            }
            max = Math.max(max, value);
        }
        this.log = log;
        this.max = max;
    }

    /**
     * Wraps one log-weight per particle.
     *
     * @param log (N), N at least 1
     * @throws IllegalArgumentException if there are none, or one is NaN or +Infinity
     */
    public static LogWeights of(double... log) {
        return new LogWeights(log.clone());
    }

    /** As {@link #of(double...)}. */
    public static LogWeights of(List<Double> log) {
        return new LogWeights(log.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** The weights of {@code particles} particles that have equal shares: log-weight 0 each. */
    public static LogWeights equal(int particles) {
        return new LogWeights(new double[particles]);
    }

    /**
     * The weights over the largest, and their sum.
     *
     * @param weights (N), in [0, 1]
     */
    private record Scaled(double[] weights, double sum) {}

    private Scaled scaled() {
        if (scaled == null) {
            var weights = new double[log.length];
            double sum = 0;
            for (int particle = 0; particle < log.length; particle++) {
                weights[particle] = StrictMath.exp(log[particle] - max);
                sum += weights[particle];
            }
            scaled = new Scaled(weights, sum);
        }
        return scaled;
    }

    /** N. */
    public int size() {
        return log.length;
    }

    /** The log-weight of one particle. */
    public double get(int particle) {
        return log[particle];
    }

    /** Whether no particle has a positive weight. Then nothing can be normalised or drawn. */
    public boolean allDead() {
        return max == Double.NEGATIVE_INFINITY;
    }

    /** log Σ w; -Infinity if all are dead. */
    public double logSum() {
        if (allDead()) {
            return Double.NEGATIVE_INFINITY;
        }
        return max + StrictMath.log(scaled().sum());
    }

    /** log (1/N) Σ w: by how much the evidence estimate grew since the weights were equal. */
    public double logMean() {
        return logSum() - StrictMath.log(log.length);
    }

    /** The weights to the power {@code exponent}, above 0; the dead stay dead. */
    public LogWeights power(double exponent) {
        var powers = new double[log.length];
        for (int particle = 0; particle < log.length; particle++) {
            powers[particle] = log[particle] * exponent;
        }
        return new LogWeights(powers);
    }

    /** The entropy of the normalised weights over log N, in [0, 1]; 1 for one particle. */
    public double relativeEntropy() {
        if (log.length == 1) {
            return 1;
        }
        double entropy = 0;
        for (double weight : normalised()) {
            entropy -= weight > 0 ? weight * StrictMath.log(weight) : 0;
        }
        return entropy / StrictMath.log(log.length);
    }

    /** The effective sample size [1], (Σw)² / Σw², in [1, N]; 0 if all are dead. */
    public double effectiveSampleSize() {
        if (allDead()) {
            return 0;
        }
        double squares = 0;
        for (double weight : scaled().weights()) {
            squares += weight * weight;
        }
        return scaled().sum() * scaled().sum() / squares;
    }

    /**
     * The normalised weights W, (N); they add up to 1 but for rounding.
     *
     * @throws IllegalStateException if all particles are dead
     */
    public double[] normalised() {
        if (allDead()) {
            throw new IllegalStateException(
                    "a particle must have a positive weight to normalise: all " + log.length + " are dead");
        }
        var weights = scaled().weights().clone();
        double sum = scaled().sum();
        for (int particle = 0; particle < log.length; particle++) {
            weights[particle] /= sum;
        }
        return weights;
    }

    /** The log-weights, (N), as a list. */
    public List<Double> toList() {
        return Arrays.stream(log).boxed().toList();
    }
}
