package cloudchamber.coordinator.method.chain;

import cloudchamber.coordinator.method.LogOdds;
import cloudchamber.coordinator.method.Population;
import cloudchamber.coordinator.method.Potential;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.coordinator.smc.Resampler;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Weighs particles as published code does: in every round each particle, finished or not, weighs the odds
 * of its newest score, and every round resamples and forgets. What that samples depends on the length of
 * the other particles; there is no evidence. For reproducing published numbers.
 *
 * @param clip the largest magnitude of log-odds, in nats
 * @param firstRound the round of the temperature schedule that the first round takes
 * @param resamplesLast whether the last round resamples too, and then weighs again
 */
public record Published(
        Potential potential,
        double clip,
        TemperatureSchedule schedule,
        int firstRound,
        boolean resamplesLast,
        Resampler resampler,
        Flattening flattening)
        implements Weighing {
    /*
     * [1] The paper's code: no resampling after the last step; its temperature schedule counts from 1, so
     *     that the start value is never used; probabilities are clipped at 2.220446e-16.
     * [2] its_hub: resamples after the last step too and draws from the result by the same odds, which
     *     counts them twice; probabilities are clipped at 1e-7.
     */
    public static Published of(Target target, Potential potential, TemperatureSchedule schedule, Resampler resampler) {
        return switch (target) {
            case PAPER -> new Published(potential, LogOdds.CLIP, schedule, 1, false, resampler, Flattening.NONE);
            case ITS_HUB -> itsHub(potential, schedule, resampler, Flattening.NONE);
            case FINAL, PRODUCT, FINAL_LOG ->
                throw new IllegalArgumentException("target must be paper or its-hub here: was " + target.id());
        };
    }

    public static Published itsHub(
            Potential potential, TemperatureSchedule schedule, Resampler resampler, Flattening flattening) {
        return new Published(potential, LogOdds.HUB_CLIP, schedule, 0, true, resampler, flattening);
    }

    @Override
    public Optional<Population> close(PrefixTree tree, Pass before, Pass after, RandomGenerator random) {
        double temperature = schedule.at(before.step() + firstRound);
        var log = new double[after.particles()];
        for (int slot = 0; slot < log.length; slot++) {
            log[slot] = Math.clamp(potential.logOdds(tree, after.nodes().get(slot)), -clip, clip) / temperature;
            if (Double.isNaN(log[slot])) {
                return Optional.empty();
            }
        }
        var weights = LogWeights.of(log);
        boolean over = after.over(tree);
        boolean resamples = resamplesLast || !over;
        double flat = flattening.temperature(weights, before.step() + 1);
        var ancestors = resamples
                ? resampler
                        .resample(weights.power(1 / flat), log.length, random)
                        .ancestors()
                : IntStream.range(0, log.length).boxed().toList();
        return Optional.of(new Population(
                after.chain(),
                after.iteration(),
                after.nodes(),
                weights.toList(),
                temperature,
                weights.effectiveSampleSize(),
                resamples,
                ancestors,
                ancestors.stream()
                        .map(parent -> over ? weights.get(parent) : 0.0)
                        .toList(),
                null));
    }

    /** The published weights forget, so they have no law to be moved to. */
    @Override
    public Pass ended(PrefixTree tree, Pass pass) {
        return pass;
    }

    @Override
    public Optional<String> noEvidence() {
        return Optional.of("the published weights forget: they estimate no evidence");
    }
}
