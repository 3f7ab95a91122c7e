package cloudchamber.coordinator.method.chain;

import cloudchamber.coordinator.method.LogOdds;
import cloudchamber.coordinator.method.Population;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.smc.ConditionalResampler;
import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.coordinator.smc.Offspring;
import cloudchamber.coordinator.smc.Resampler;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Weighs particles so that they are a sample of p(x) · ψ(x)^{1/T}, T the last temperature.
 *
 * @param essThreshold κ: resample if κ = 1 or ESS &lt; κN
 * @param conditional for passes with a reference
 * @param deferred whether {@link #close} leaves the resampling to {@link #lookedAhead}
 */
public record Telescoping(
        Twist twist,
        TemperatureSchedule schedule,
        double essThreshold,
        Resampler resampler,
        ConditionalResampler conditional,
        Flattening flattening,
        boolean deferred)
        implements Weighing {
    /*
     * The weight of a particle that moves from a to b while the temperature goes from S to T is multiplied
     * by ψ(b)^{1/T} / ψ(a)^{1/S}; the product telescopes, so the target is the one at the last temperature
     * whatever the path. A finished particle stays where it is: b = a, and at a constant temperature its
     * increment is 0. When every particle is finished the temperature goes to its end at once, which is the
     * same as waiting for the schedule without resampling: before the resampling if the steps finished them, after
     * it if the resampling kept finished ones only. The last population is not resampled: its weights are the
     * posterior. A token budget that ends a pass moves its weights to the end of the schedule, too.
     *
     * Resampling by other weights A than W gives each child the weight W/A of its parent, so the evidence
     * stays unbiased whatever A is [1]. Flattening takes A = W^{1/temperature}; looking ahead multiplies A
     * by what the next increment would be for the step looked at.
     *
     * [1] Pitt and Shephard, "Filtering via Simulation: Auxiliary Particle Filters", JASA 94 (1999).
     */
    private static final double MIN_LOG_PROMISE = -LogOdds.CLIP; // a promise of 0 would lose a live particle

    @Override
    public Optional<Population> close(PrefixTree tree, Pass before, Pass after, RandomGenerator random) {
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
        double flat = flattening.temperature(weights, before.step() + 1);
        boolean resamples = !over && !deferred && wanted(after, weights);
        return Optional.of(
                population(tree, after, weights, temperature, resamples ? weights.power(1 / flat) : null, random));
    }

    /** Whether a round that ends like this wants a resampling. */
    boolean wanted(Pass pass, LogWeights weights) {
        return pass.particles() > pass.share()
                || essThreshold == 1
                || weights.effectiveSampleSize() < essThreshold * pass.share();
    }

    /**
     * The resampling of {@code pass}, judged also by one step ahead.
     *
     * @param ahead by slot the node of the step looked at; none where a particle has no next step
     */
    Population lookedAhead(PrefixTree tree, Pass pass, Map<Integer, Integer> ahead, RandomGenerator random) {
        var weights = LogWeights.of(pass.logWeights());
        double flat = flattening.temperature(weights, pass.step());
        double temperature = schedule.at(pass.step());
        var log = new double[pass.particles()];
        for (int slot = 0; slot < log.length; slot++) {
            log[slot] = weights.get(slot) / flat;
            if (ahead.containsKey(slot)) {
                double promise = twist.log(tree, ahead.get(slot)) / temperature
                        - twist.log(tree, pass.nodes().get(slot)) / pass.temperature();
                log[slot] += Math.clamp(promise, MIN_LOG_PROMISE, -MIN_LOG_PROMISE);
            }
        }
        return population(tree, pass, weights, pass.temperature(), LogWeights.of(log), random);
    }

    /** @param auxiliary the weights to resample by; null for no resampling */
    private Population population(
            PrefixTree tree,
            Pass pass,
            LogWeights weights,
            double temperature,
            LogWeights auxiliary,
            RandomGenerator random) {
        List<Integer> ancestors = IntStream.range(0, weights.size()).boxed().toList();
        var childLogWeights = weights.toList();
        Double childTemperature = null;
        if (auxiliary != null) {
            var offspring = pass.conditional()
                    ? conditional.resample(auxiliary, random)
                    : resampler.resample(auxiliary, pass.share(), random);
            ancestors = offspring.ancestors();
            childLogWeights = corrected(weights, auxiliary, offspring);
            var children = ancestors.stream().map(pass.nodes()::get).toList();
            if (temperature != schedule.end() && over(tree, children, childLogWeights)) {
                childTemperature = schedule.end();
                for (int child = 0; child < children.size(); child++) {
                    childLogWeights.set(
                            child,
                            twist.moved(
                                    childLogWeights.get(child),
                                    tree,
                                    children.get(child),
                                    temperature,
                                    childTemperature));
                }
            }
        }
        return new Population(
                pass.chain(),
                pass.iteration(),
                pass.nodes(),
                weights.toList(),
                temperature,
                weights.effectiveSampleSize(),
                auxiliary != null,
                ancestors,
                childLogWeights,
                childTemperature,
                pass.conditional() ? null : pass.logEvidence() + weights.logSum() - StrictMath.log(pass.share()));
    }

    private static boolean over(PrefixTree tree, List<Integer> nodes, List<Double> logWeights) {
        return IntStream.range(0, nodes.size())
                .allMatch(slot -> logWeights.get(slot) == Double.NEGATIVE_INFINITY || tree.finished(nodes.get(slot)));
    }

    /** The children's log-weights: their share of A, times the normalised W/A of their parents. */
    private static List<Double> corrected(LogWeights weights, LogWeights auxiliary, Offspring offspring) {
        double constant = auxiliary.logSum() - weights.logSum();
        var corrected = new ArrayList<Double>();
        for (int child = 0; child < offspring.size(); child++) {
            int parent = offspring.ancestor(child);
            corrected.add(offspring.logWeight(child) + (weights.get(parent) - auxiliary.get(parent)) + constant);
        }
        return corrected;
    }

    @Override
    public Pass ended(PrefixTree tree, Pass pass) {
        return pass.at(schedule.end(), tree, twist);
    }

    @Override
    public Optional<String> noEvidence() {
        return Optional.empty();
    }
}
