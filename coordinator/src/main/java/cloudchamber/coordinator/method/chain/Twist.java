package cloudchamber.coordinator.method.chain;

import cloudchamber.coordinator.method.LogOdds;
import cloudchamber.coordinator.method.Potential;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.protocol.model.method.Target;

/**
 * log ψ of a target: at temperature T it samples p(x) · ψ(x)^{1/T}, and the log-weight of a particle
 * telescopes to log ψ / T of where it is.
 */
@FunctionalInterface
public interface Twist {
    /*
     * [1] Log-odds of a probability that a float64 rounds to 0 or 1 are clipped where the paper's code
     *     clips probabilities, at 2.220446e-16. Finite log-odds, which come from logits, are taken as they
     *     are. The product takes 0 as it is: a dead particle.
     */
    double CLIP = LogOdds.of(1 - 0x1.0p-52);

    /** log ψ of the prefix that ends in {@code node}, in nats; 0 for the prompt; -Infinity where ψ is 0. */
    double log(PrefixTree tree, int node);

    /** A particle's log-weight at another softmax temperature; a dead one stays dead. */
    default double moved(double logWeight, PrefixTree tree, int node, double from, double to) {
        return logWeight == Double.NEGATIVE_INFINITY || from == to
                ? logWeight
                : logWeight + (log(tree, node) / to - log(tree, node) / from);
    }

    static Twist of(Target target, Potential potential) {
        return switch (target) {
            case FINAL -> (tree, node) -> node == 0 ? 0 : finite(potential.logOdds(tree, node));
            case FINAL_LOG ->
                (tree, node) -> node == 0 ? 0 : LogOdds.logProbability(finite(potential.logOdds(tree, node)));
            case PRODUCT ->
                (tree, node) -> {
                    double log = 0;
                    for (var step : tree.lineage(node)) {
                        log += LogOdds.logProbability(potential.logOdds(tree, step.id()));
                    }
                    return log;
                };
            case PAPER, ITS_HUB ->
                throw new IllegalArgumentException(
                        "target must be one with a law of its own, final, final-log or product: was " + target.id());
        };
    }

    /** Whether {@link #of} clips these log-odds for a target. */
    static boolean clips(Target target, double logOdds) {
        return switch (target) {
            case FINAL, FINAL_LOG -> Double.isInfinite(logOdds);
            case PRODUCT -> false;
            case PAPER -> Math.abs(logOdds) > CLIP;
            case ITS_HUB -> Math.abs(logOdds) > Published.HUB_CLIP;
        };
    }

    /** Log-odds with the infinite clipped. */
    static double finite(double logOdds) {
        return Double.isInfinite(logOdds) ? Math.copySign(CLIP, logOdds) : logOdds;
    }
}
