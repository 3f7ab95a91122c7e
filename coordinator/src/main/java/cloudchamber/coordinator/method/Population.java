package cloudchamber.coordinator.method;

import java.util.List;

/**
 * The particles of one chain when a round closed, and how they were resampled.
 *
 * @param iteration the pass of the chain, from 0
 * @param nodes (N), where each particle ends, before any resampling
 * @param logWeights (N), unnormalised, carried since the weights were last equal; -Infinity for a dead particle
 * @param temperature the softmax temperature of this round
 * @param ess the effective sample size of {@code logWeights}
 * @param ancestors (M), for each particle after the resampling its index before; 0, 1, … without one
 * @param childLogWeights (M), the log-weights the next round starts from
 * @param childTemperature the softmax temperature of {@code childLogWeights}, where the resampling left only finished
 *     particles and so ended the pass before its schedule did; null where it is {@code temperature}
 * @param logEvidence log Ẑ of everything up to here, in nats; null where it is not defined
 */
public record Population(
        int chain,
        int iteration,
        List<Integer> nodes,
        List<Double> logWeights,
        double temperature,
        double ess,
        boolean resampled,
        List<Integer> ancestors,
        List<Double> childLogWeights,
        Double childTemperature,
        Double logEvidence) {
    public Population {
        nodes = List.copyOf(nodes);
        logWeights = List.copyOf(logWeights);
        ancestors = List.copyOf(ancestors);
        childLogWeights = List.copyOf(childLogWeights);
    }

    /** A population that stays at its temperature. */
    public Population(
            int chain,
            int iteration,
            List<Integer> nodes,
            List<Double> logWeights,
            double temperature,
            double ess,
            boolean resampled,
            List<Integer> ancestors,
            List<Double> childLogWeights,
            Double logEvidence) {
        this(
                chain,
                iteration,
                nodes,
                logWeights,
                temperature,
                ess,
                resampled,
                ancestors,
                childLogWeights,
                null,
                logEvidence);
    }

    /** The softmax temperature the particles' weights are at after the resampling. */
    public double temperatureAfter() {
        return childTemperature == null ? temperature : childTemperature;
    }

    /** (M), where each particle ends after the resampling. */
    public List<Integer> children() {
        return ancestors.stream().map(nodes::get).toList();
    }
}
