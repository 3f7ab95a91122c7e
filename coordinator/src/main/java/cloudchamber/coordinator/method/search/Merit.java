package cloudchamber.coordinator.method.search;

import cloudchamber.coordinator.method.LogOdds;
import cloudchamber.coordinator.method.Population;
import cloudchamber.coordinator.method.Potential;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.smc.LogWeights;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The scores of texts in the methods that search instead of sampling a target. */
final class Merit {
    private Merit() {}

    /** The log of the score, a probability, clipped where it is 0; -Infinity of a text that the PRM could not read. */
    static double logScore(Potential potential, PrefixTree tree, int node) {
        return tree.isUnread(node)
                ? Double.NEGATIVE_INFINITY
                : LogOdds.logProbability(Math.clamp(potential.logOdds(tree, node), -LogOdds.CLIP, LogOdds.CLIP));
    }

    /**
     * A round's candidates and which of them go on, as a population. Empty if a score is not a number.
     *
     * @param logScores one for each candidate
     * @param next for each step of the next round the candidate it extends; empty if the chain is over
     */
    static Optional<Population> population(
            int chain, List<Integer> candidates, List<Double> logScores, List<Integer> next) {
        if (logScores.stream().anyMatch(score -> Double.isNaN(score))) {
            return Optional.empty();
        }
        boolean over = next.isEmpty();
        return Optional.of(new Population(
                chain,
                0,
                candidates,
                logScores,
                1,
                LogWeights.of(logScores).effectiveSampleSize(),
                !over,
                over ? IntStream.range(0, candidates.size()).boxed().toList() : next,
                over ? logScores : next.stream().map(index -> 0.0).toList(),
                null));
    }
}
