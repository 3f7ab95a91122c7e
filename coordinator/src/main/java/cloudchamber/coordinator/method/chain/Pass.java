package cloudchamber.coordinator.method.chain;

import cloudchamber.coordinator.method.Expansion;
import cloudchamber.coordinator.method.Extent;
import cloudchamber.coordinator.method.Population;
import cloudchamber.coordinator.method.PrefixTree;
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
 * @param step rounds closed so far in this pass
 * @param share N: a log-weight of 0 is 1/N of what the particles had together when it was last equal. Not
 *     always how many particles there are
 * @param nodes where each particle ends
 * @param logWeights one for each particle, unnormalised; -Infinity for a dead one
 * @param temperature the softmax temperature the weights are at
 * @param logEvidence log Ẑ up to the last resampling
 * @param reference the node in which the reference trajectory ends, which the last particle follows; 0 in
 *     an unconditional pass
 */
record Pass(
        int chain,
        int iteration,
        int step,
        int share,
        List<Integer> nodes,
        List<Double> logWeights,
        double temperature,
        double logEvidence,
        int reference) {

    /** All particles at the prompt. */
    static Pass start(int chain, int iteration, int particles, int reference) {
        return new Pass(
                chain,
                iteration,
                0,
                particles,
                Collections.nCopies(particles, 0),
                Collections.nCopies(particles, 0.0),
                1,
                0,
                reference);
    }

    int particles() {
        return nodes.size();
    }

    boolean conditional() {
        return reference != 0;
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

    /** Whether a particle has a next step. */
    boolean live(PrefixTree tree, int slot) {
        return logWeights.get(slot) > Double.NEGATIVE_INFINITY && !tree.finished(nodes.get(slot));
    }

    /** The pass with each live particle {@code branching} times, its weight shared out. */
    Pass branched(PrefixTree tree, int branching) {
        if (branching == 1) {
            return this;
        }
        var branchedNodes = new ArrayList<Integer>();
        var branchedWeights = new ArrayList<Double>();
        for (int slot = 0; slot < particles(); slot++) {
            int branches = live(tree, slot) ? branching : 1;
            branchedNodes.addAll(Collections.nCopies(branches, nodes.get(slot)));
            branchedWeights.addAll(Collections.nCopies(branches, logWeights.get(slot) - StrictMath.log(branches)));
        }
        return new Pass(
                chain, iteration, step, share, branchedNodes, branchedWeights, temperature, logEvidence, reference);
    }

    /** One step of every live particle but the reference, whose steps are known. */
    List<Expansion> expansions(PrefixTree tree, Purpose purpose, Sampling sampling) {
        var expansions = new ArrayList<Expansion>();
        for (int slot = 0; slot < particles() - (conditional() ? 1 : 0); slot++) {
            if (live(tree, slot)) {
                expansions.add(new Expansion(chain, iteration, slot, purpose, nodes.get(slot), sampling, Extent.STEP));
            }
        }
        return expansions;
    }

    /** The pass with some particles moved to new nodes, by slot, and the reference one step on; not yet weighed. */
    Pass moved(PrefixTree tree, Map<Integer, Integer> newNodes) {
        var moved = new ArrayList<>(nodes);
        newNodes.forEach(moved::set);
        if (conditional()) {
            var lineage = tree.lineage(reference);
            moved.set(
                    particles() - 1,
                    lineage.get(Math.min(step, lineage.size() - 1)).id());
        }
        return new Pass(chain, iteration, step, share, moved, logWeights, temperature, logEvidence, reference);
    }

    /** The pass after {@code population} closed a step. */
    Pass after(Population population) {
        return resampled(population, step + 1);
    }

    /** The pass after {@code population}, which only resampled it. */
    Pass resampled(Population population) {
        return resampled(population, step);
    }

    private Pass resampled(Population population, int nextStep) {
        return new Pass(
                chain,
                iteration,
                nextStep,
                share,
                population.children(),
                population.childLogWeights(),
                population.temperatureAfter(),
                population.resampled() && population.logEvidence() != null ? population.logEvidence() : logEvidence,
                reference);
    }

    /** The pass with its weights moved to another softmax temperature: each times ψ^(1/T after − 1/T before). */
    Pass at(double newTemperature, PrefixTree tree, Twist twist) {
        var moved = new ArrayList<Double>();
        for (int slot = 0; slot < particles(); slot++) {
            moved.add(twist.moved(logWeights.get(slot), tree, nodes.get(slot), temperature, newTemperature));
        }
        return new Pass(chain, iteration, step, share, nodes, moved, newTemperature, logEvidence, reference);
    }

    /** The particles' normalised weights; not all dead. */
    double[] weights() {
        return LogWeights.of(logWeights).normalised();
    }

    boolean allDead() {
        return LogWeights.of(logWeights).allDead();
    }

    /** log Ẑ up to now. */
    double logEvidenceNow() {
        return logEvidence + LogWeights.of(logWeights).logSum() - StrictMath.log(share);
    }
}
