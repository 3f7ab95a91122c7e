package cloudchamber.coordinator.method;

import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.coordinator.smc.Resampler;
import cloudchamber.protocol.model.TemperatureSchedule;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * How the particles of a sweep are weighed and resampled when a round closes.
 *
 * @param essThreshold κ: resample if κ = 1 or ESS &lt; κN
 */
record Weighing(Twist twist, TemperatureSchedule schedule, double essThreshold, Resampler resampler) {
    /*
     * The weight of a particle that moves from a to b while the temperature goes from S to T is multiplied
     * by ψ(b)^{1/T} / ψ(a)^{1/S}; the product telescopes, so the target is the one at the last temperature
     * whatever the path. A finished particle stays where it is: b = a, and at a constant temperature its
     * increment is 0. When every particle is finished the temperature goes to its end at once, which is the
     * same as waiting for the schedule without resampling. The last population is not resampled: its
     * weights are the posterior.
     */

    /**
     * The population of {@code before} with its particles moved to {@code after}, weighed and resampled.
     * Empty if a weight is not a number.
     */
    Optional<Population> close(PrefixTree tree, Sweep before, Sweep after, RandomGenerator random) {
        int particles = after.particles();
        var log = new double[particles];
        boolean over = true;
        for (int slot = 0; slot < particles; slot++) {
            boolean dead = before.logWeights().get(slot) == Double.NEGATIVE_INFINITY;
            log[slot] = dead
                    ? Double.NEGATIVE_INFINITY
                    : twist.log(tree, after.nodes().get(slot));
            over &= log[slot] == Double.NEGATIVE_INFINITY
                    || tree.finished(after.nodes().get(slot));
        }
        double temperature = over ? schedule.end() : schedule.at(before.step());
        for (int slot = 0; slot < particles; slot++) {
            if (log[slot] > Double.NEGATIVE_INFINITY) {
                log[slot] = before.logWeights().get(slot)
                        + (log[slot] / temperature
                                - twist.log(tree, before.nodes().get(slot)) / before.temperature());
            }
            if (!(log[slot] < Double.POSITIVE_INFINITY)) {
                return Optional.empty();
            }
        }
        var weights = LogWeights.of(log);
        double ess = weights.effectiveSampleSize();
        boolean resampled = !over && (essThreshold == 1 || ess < essThreshold * particles);
        var offspring = resampled ? resampler.resample(weights, particles, random) : null;
        return Optional.of(new Population(
                after.chain(),
                after.iteration(),
                after.nodes(),
                weights.toList(),
                temperature,
                ess,
                resampled,
                resampled
                        ? offspring.ancestors()
                        : IntStream.range(0, particles).boxed().toList(),
                resampled ? offspring.logWeights() : weights.toList(),
                before.logEvidence() + weights.logMean()));
    }
}
