package cloudchamber.coordinator.method.chain;

import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.Election;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.protocol.model.method.Target;
import java.util.HashMap;
import java.util.Optional;

/** The proof that a vote is decided while particles are still live. */
final class Certificate {
    /*
     * Without resampling a particle ends with the weight ψ(x)^{1/T}, T the last temperature. ψ of a product
     * never grows, and a last reward is at most 1, so a live particle ends with at most ψ(now)^{1/T}, or 1.
     * The leader stays ahead if it is ahead by more than all that: also if everything live went to the second.
     */
    private Certificate() {}

    /**
     * The answer that will win the vote; empty while that is open.
     *
     * @param pass an unconditional one without resampling
     * @param target PRODUCT or FINAL_LOG
     * @param temperature the last one
     */
    static Optional<String> leader(
            PrefixTree tree, Pass pass, Twist twist, Target target, double temperature, Answers answers) {
        var bounds = new double[pass.particles()];
        for (int slot = 0; slot < bounds.length; slot++) {
            boolean open = target == Target.FINAL_LOG && pass.live(tree, slot);
            bounds[slot] = pass.logWeights().get(slot) == Double.NEGATIVE_INFINITY
                    ? Double.NEGATIVE_INFINITY
                    : open ? 0 : twist.log(tree, pass.nodes().get(slot)) / temperature;
        }
        var shares = LogWeights.of(bounds).normalised();
        var votes = new HashMap<String, Double>();
        double open = 0;
        var election = Election.of(tree, pass.nodes(), shares, answers);
        for (int slot = 0; slot < bounds.length; slot++) {
            var answer = election.representatives().get(slot);
            if (pass.live(tree, slot)) {
                open += shares[slot];
            } else if (answer != null) {
                votes.merge(answer, shares[slot], Double::sum);
            }
        }
        String leader = null;
        double first = 0;
        double second = 0;
        for (var vote : votes.entrySet()) {
            if (vote.getValue() > first) {
                second = first;
                first = vote.getValue();
                leader = vote.getKey();
            } else {
                second = Math.max(second, vote.getValue());
            }
        }
        return first > second + open ? Optional.ofNullable(leader) : Optional.empty();
    }
}
