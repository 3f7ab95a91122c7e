package cloudchamber.coordinator.method.chain;

import cloudchamber.coordinator.method.Election;
import cloudchamber.coordinator.method.MethodEvent.RunStopped;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.smc.LogWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The vote of a run's particles: which passes count, and how much.
 *
 * @param passes the open pass of each chain
 * @param kept the finished passes that count for a design that is not pooled
 * @param stopReason empty for a run that was not stopped
 */
record ChainVote(
        ChainDesign design,
        PrefixTree tree,
        List<Pass> passes,
        List<Pass> kept,
        Optional<RunStopped.Reason> stopReason) {

    /** The election among the particles that count. */
    Election election() {
        var counted = counted();
        var nodes = new ArrayList<Integer>();
        var weights = new ArrayList<Double>();
        var shares = shares(counted);
        for (int place = 0; place < counted.size(); place++) {
            var pass = counted.get(place);
            if (shares[place] > 0) {
                nodes.addAll(pass.nodes());
                for (double weight : pass.weights()) {
                    weights.add(shares[place] * weight);
                }
            }
        }
        return Election.of(
                tree, nodes, weights.stream().mapToDouble(Double::doubleValue).toArray(), design.answers());
    }

    /** The passes whose particles count for the answer. */
    private List<Pass> counted() {
        if (stopReason.isEmpty()) {
            return kept;
        }
        return switch (stopReason.get()) {
            case TOKEN_BUDGET ->
                design.pooled() || kept.isEmpty() ? alive(design.pooled() ? passes : passes.subList(0, 1)) : kept;
            case DEADLINE, CERTIFICATE ->
                design.pooled()
                        ? alive(passes).stream().filter(pass -> pass.over(tree)).toList()
                        : kept;
        };
    }

    private static List<Pass> alive(List<Pass> passes) {
        return passes.stream().filter(pass -> !pass.allDead()).toList();
    }

    /** The share of each pass in the answer; they add up to 1. */
    private double[] shares(List<Pass> counted) {
        var log = new double[counted.size()];
        for (int place = 0; place < log.length; place++) {
            log[place] = design.pooled() ? counted.get(place).logEvidenceNow() : 0;
        }
        return log.length == 0 ? log : LogWeights.of(log).normalised();
    }
}
