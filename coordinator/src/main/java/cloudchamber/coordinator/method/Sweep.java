package cloudchamber.coordinator.method;

import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Sampling;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * One pass of a particle filter in one chain, between two rounds: where its particles are and what they
 * weigh. A value.
 *
 * @param step rounds closed so far in this sweep
 * @param nodes (N)
 * @param logWeights (N), unnormalised since they were last equal; -Infinity for a dead particle
 * @param temperature the softmax temperature the weights are at
 * @param logEvidence log Ẑ up to the last resampling
 */
record Sweep(
        int chain,
        int iteration,
        int step,
        List<Integer> nodes,
        List<Double> logWeights,
        double temperature,
        double logEvidence) {

    static Sweep start(int chain, int iteration, int particles) {
        return new Sweep(
                chain, iteration, 0, Collections.nCopies(particles, 0), Collections.nCopies(particles, 0.0), 1, 0);
    }

    int particles() {
        return nodes.size();
    }

    /** Whether no particle has a next step: each is finished or dead. */
    boolean over(PrefixTree tree) {
        for (int slot = 0; slot < particles(); slot++) {
            if (live(tree, slot)) {
                return false;
            }
        }
        return true;
    }

    /** The next step of every particle that is neither finished nor dead. */
    List<Expansion> expansions(PrefixTree tree, Sampling sampling) {
        var expansions = new ArrayList<Expansion>();
        for (int slot = 0; slot < particles(); slot++) {
            if (live(tree, slot)) {
                expansions.add(
                        new Expansion(chain, iteration, slot, Purpose.EXTEND, nodes.get(slot), sampling, Extent.STEP));
            }
        }
        return expansions;
    }

    /** The sweep with some particles moved to new nodes, by slot; not yet weighed. */
    Sweep moved(Map<Integer, Integer> newNodes) {
        var moved = new ArrayList<>(nodes);
        newNodes.forEach(moved::set);
        return new Sweep(chain, iteration, step, moved, logWeights, temperature, logEvidence);
    }

    /** The sweep after {@code population} was closed. */
    Sweep after(Population population) {
        return new Sweep(
                chain,
                iteration,
                step + 1,
                population.children(),
                population.childLogWeights(),
                population.temperature(),
                population.resampled() ? population.logEvidence() : logEvidence);
    }

    /** The particles' shares; not all dead. */
    double[] shares() {
        return LogWeights.of(logWeights).normalised();
    }

    boolean allDead() {
        return LogWeights.of(logWeights).allDead();
    }

    /** log Ẑ up to now. */
    double logEvidenceNow() {
        return logEvidence + LogWeights.of(logWeights).logMean();
    }

    private boolean live(PrefixTree tree, int slot) {
        return logWeights.get(slot) > Double.NEGATIVE_INFINITY && !tree.finished(nodes.get(slot));
    }
}
