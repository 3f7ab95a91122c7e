package cloudchamber.coordinator.method;

/** Probabilities as log-odds, in nats: -Infinity is 0, +Infinity is 1. */
public final class LogOdds {
    private LogOdds() {}

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
