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
     * Infinite log-odds are clipped. Finite ones, which come from logits, are taken as they are. The product takes 0 as
     * it is: a dead particle.
     */

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
            case FINAL ->
                (tree, node) -> unscored(potential, tree, node) ? 0 : LogOdds.finite(potential.logOdds(tree, node));
            case FINAL_LOG ->
                (tree, node) -> unscored(potential, tree, node)
                        ? 0
                        : LogOdds.logProbability(LogOdds.finite(potential.logOdds(tree, node)));
            case PRODUCT ->
                (tree, node) -> {
                    double log = 0;
                    for (var step : tree.lineage(node)) {
                        if (potential.scored(tree, step.id()) == step.id()) {
                            log += LogOdds.logProbability(potential.logOdds(tree, step.id()));
                        }
                    }
                    return log;
                };
            case PAPER, ITS_HUB ->
                throw new IllegalArgumentException(
                        "target must be one with a law of its own, final, final-log or product: was " + target.id());
        };
    }

    /** Whether nothing up to {@code node} has a score: it weighs as the prompt does. */
    private static boolean unscored(Potential potential, PrefixTree tree, int node) {
        return node == 0 || potential.scored(tree, node) == 0;
    }

    /** Whether {@link #of} clips these log-odds for a target. */
    static boolean clips(Target target, double logOdds) {
        return switch (target) {
            case FINAL, FINAL_LOG -> Double.isInfinite(logOdds);
            case PRODUCT -> false;
            case PAPER -> Math.abs(logOdds) > LogOdds.CLIP;
            case ITS_HUB -> Math.abs(logOdds) > LogOdds.HUB_CLIP;
        };
    }
}
