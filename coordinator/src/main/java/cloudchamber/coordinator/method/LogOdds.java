package cloudchamber.coordinator.method;

/** Probabilities as log-odds, in nats: -Infinity is 0, +Infinity is 1. */
public final class LogOdds {
    /*
     * [1] Log-odds of a probability that a float64 rounds to 0 or 1 are clipped where the paper's code
     *     clips probabilities, at 2.220446e-16.
     */

    /** The largest magnitude that a probability given as a float64 can have [1]. */
    public static final double CLIP = of(1 - 0x1.0p-52);

    /** The largest magnitude in its_hub, which clips probabilities at 1e-7. */
    public static final double HUB_CLIP = of(1 - 1e-7);

    private LogOdds() {}

    /** Log-odds with the infinite clipped. */
    public static double finite(double logOdds) {
        return Double.isInfinite(logOdds) ? Math.copySign(CLIP, logOdds) : logOdds;
    }

    /** The log-odds of a probability in [0, 1]. */
    public static double of(double probability) {
        return StrictMath.log(probability) - StrictMath.log1p(-probability);
    }

    /** The probability, in [0, 1]. */
    public static double probability(double logOdds) {
        return StrictMath.exp(logProbability(logOdds));
    }

    /** The log of the probability, at most 0, without passing through the probability. */
    public static double logProbability(double logOdds) {
        return logOdds > 0
                ? -StrictMath.log1p(StrictMath.exp(-logOdds))
                : logOdds - StrictMath.log1p(StrictMath.exp(logOdds));
    }

    /** The log-odds of the probability whose log is {@code logProbability}, at most 0. */
    public static double ofLogProbability(double logProbability) {
        return logProbability - StrictMath.log(-StrictMath.expm1(logProbability));
    }
}
