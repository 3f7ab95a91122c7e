package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.method.Aggregation;
import java.util.Arrays;
import java.util.List;

/** A score of a prefix, as log-odds in nats: what a target is made of. */
@FunctionalInterface
public interface Potential {
    /** The score of the prefix that ends in {@code node}; infinite where the probability is 0 or 1. Not asked of the prompt. */
    double logOdds(PrefixTree tree, int node);

    /**
     * The last node up to {@code node} that has a score of its own; 0 if none has. What comes after it weighs as that
     * node does.
     */
    default int scored(PrefixTree tree, int node) {
        return tree.spoken(node);
    }

    /** The PRM's scores of the prefix's steps, made one by {@code aggregation}; even odds before any is scored. */
    static Potential aggregated(Aggregation aggregation) {
        /* MODEL and LAST need the newest score only, so they do not walk the lineage. */
        return switch (aggregation) {
            case MODEL, LAST ->
                new OfScores((tree, scored) -> tree.node(scored).logOdds().getLast());
            case MIN, PRODUCT, MEAN -> aggregated(Aggregator.of(aggregation));
        };
    }

    /** The PRM's scores of the prefix's steps, made one by an aggregator of one's own. */
    static Potential aggregated(Aggregator aggregator) {
        return new OfScores((tree, scored) -> aggregator.aggregate(stepLogOdds(tree, scored)));
    }

    /**
     * A potential made of the PRM's scores: of a prefix whose end has none, the newest one before it; even odds before
     * any. A whole text that the PRM could not read has the odds 0.
     *
     * @param ofScored the potential of a node that was scored
     */
    record OfScores(Potential ofScored) implements Potential {
        @Override
        public double logOdds(PrefixTree tree, int node) {
            int scored = tree.scored(node);
            if (scored == 0) {
                return tree.isUnread(node) ? Double.NEGATIVE_INFINITY : 0;
            }
            return ofScored.logOdds(tree, scored);
        }

        @Override
        public int scored(PrefixTree tree, int node) {
            return tree.scored(node);
        }
    }

    /**
     * What the policy thinks of its newest step: the geometric mean of the probabilities of its tokens. Even
     * odds where the policy does not tell them.
     */
    static Potential selfCertainty() {
        return (tree, node) -> {
            int spoken = tree.spoken(node);
            var step = spoken == 0 ? null : tree.node(spoken).step();
            return step == null || step.logProbabilityTokens() == 0
                    ? 0
                    : LogOdds.ofLogProbability(Math.min(0, step.logProbability() / step.logProbabilityTokens()));
        };
    }

    /** The mean of the log-odds of several potentials, at least one. An infinite one counts as {@link LogOdds#CLIP}. */
    static Potential ensemble(List<Potential> members) {
        return pessimistic(members, 0);
    }

    /**
     * The mean of the log-odds of several potentials, at least one, less {@code penalty} times their standard
     * deviation. An infinite one counts as {@link LogOdds#CLIP}: certainty against certainty must not be NaN.
     */
    static Potential pessimistic(List<Potential> members, double penalty) {
        if (members.isEmpty()) {
            throw new IllegalArgumentException("an ensemble must have a member: had none");
        }
        var potentials = List.copyOf(members);
        return (tree, node) -> {
            var logOdds = potentials.stream()
                    .mapToDouble(potential -> LogOdds.finite(potential.logOdds(tree, node)))
                    .toArray();
            double mean = Arrays.stream(logOdds).average().orElseThrow();
            double variance = Arrays.stream(logOdds)
                    .map(value -> (value - mean) * (value - mean))
                    .average()
                    .orElseThrow();
            return penalty == 0 ? mean : mean - penalty * Math.sqrt(variance);
        };
    }

    /** Log-odds {@code slope} ℓ + {@code offset}, the slope positive. */
    static Potential calibrated(Potential potential, double slope, double offset) {
        if (!(slope > 0 && slope < Double.POSITIVE_INFINITY && Double.isFinite(offset))) {
            throw new IllegalArgumentException(
                    "a calibration must have a positive slope and a finite offset: had " + slope + " and " + offset);
        }
        return (tree, node) -> slope * potential.logOdds(tree, node) + offset;
    }

    /**
     * The score of each step of a prefix that has one: from the newest score where the PRM scores every step
     * at once, as of a whole generation, else from the newest score of each of its prefixes.
     */
    static double[] stepLogOdds(PrefixTree tree, int node) {
        int scored = tree.scored(node);
        if (scored == 0) {
            return new double[0];
        }
        var newest = tree.node(scored).logOdds();
        if (tree.depth(scored) == 1 || newest.size() == tree.depth(scored)) {
            return newest.stream().mapToDouble(Double::doubleValue).toArray();
        }
        return tree.lineage(scored).stream()
                .filter(step -> !step.logOdds().isEmpty())
                .mapToDouble(step -> step.logOdds().getLast())
                .toArray();
    }
}
