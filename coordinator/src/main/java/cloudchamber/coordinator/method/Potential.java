package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.Aggregation;

/** A score of a prefix, as log-odds in nats: what a target is made of. */
@FunctionalInterface
public interface Potential {
    /** The score of the prefix that ends in {@code node}; infinite where the probability is 0 or 1. Not asked of the prompt. */
    double logOdds(PrefixTree tree, int node);

    /** The PRM's scores of the prefix's steps, made one by {@code aggregation}. */
    static Potential aggregated(Aggregation aggregation) {
        /* MODEL and LAST need the newest score only, so they do not walk the lineage. */
        return switch (aggregation) {
            case MODEL, LAST -> (tree, node) -> tree.node(node).logOdds().getLast();
            case MIN, PRODUCT, MEAN -> {
                var aggregator = Aggregator.of(aggregation);
                yield (tree, node) -> aggregator.aggregate(stepLogOdds(tree, node));
            }
        };
    }

    /**
     * The score of each step of a prefix, (depth): from the newest score where the PRM scores every step
     * at once, else from the newest score of each of its prefixes.
     */
    static double[] stepLogOdds(PrefixTree tree, int node) {
        var newest = tree.node(node).logOdds();
        if (newest.size() == tree.depth(node)) {
            return newest.stream().mapToDouble(Double::doubleValue).toArray();
        }
        return tree.lineage(node).stream()
                .mapToDouble(step -> step.logOdds().getLast())
                .toArray();
    }
}
