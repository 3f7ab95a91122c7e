package cloudchamber.coordinator.smc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.protocol.model.CounterRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The law of a resampling, given that its last child is one of the last particle. */
class ConditionalResamplerTest {
    private static final int DRAWS = 100_000;

    /** Each other child is an independent draw, so the counts of the others are multinomial. */
    @Test
    void multinomialDrawsTheOthersByWeight() {
        double[] weights = {.5, .2, .3};
        var law = new HashMap<List<Integer>, Double>();
        for (int first = 0; first < 3; first++) {
            for (int second = 0; second < 3; second++) {
                law.merge(counts(List.of(first, second, 2), 3), weights[first] * weights[second], Double::sum);
            }
        }

        lawIs(law, ConditionalResampler.multinomial(), weights, true);
    }

    /**
     * Systematic resampling whose children are rotated at random, given that the last one descends from the last
     * particle. The law by integration: between two neighbouring breakpoints of the uniform the children do not
     * change, and each rotation that ends in the last particle has the interval's length as its weight.
     */
    @ParameterizedTest
    @ValueSource(strings = {".5 .2 .3", ".1 .15 .75", ".3 .3 .25 .15", ".05 .6 .35", ".45 .5 .05"})
    void systematicIsItsOwnLawGivenTheReference(String text) {
        var weights =
                Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
        int size = weights.length;
        var breakpoints = new TreeSet<>(List.of(0.0, 1.0));
        double cumulative = 0;
        for (double weight : weights) {
            cumulative += weight * size;
            breakpoints.add(cumulative - Math.floor(cumulative));
        }
        var law = new HashMap<List<Integer>, Double>();
        double total = 0;
        for (double from : breakpoints.headSet(1.0)) {
            double to = breakpoints.higher(from);
            var children = Resamplers.systematic(weights, size, (from + to) / 2);
            for (int rotation = 0; rotation < size; rotation++) {
                if (children[(rotation + size - 1) % size] == size - 1) {
                    int shift = rotation;
                    law.merge(
                            IntStream.range(0, size)
                                    .mapToObj(slot -> children[(shift + slot) % size])
                                    .toList(),
                            to - from,
                            Double::sum);
                    total += to - from;
                }
            }
        }
        double all = total;
        law.replaceAll((children, weight) -> weight / all);

        lawIs(law, ConditionalResampler.systematic(), weights, false);
    }

    /** Overwriting one slot of a plain draw is not the conditional law: this test would see it. */
    @Test
    void overwritingOneSlotIsAnotherLaw() {
        double[] weights = {.5, .2, .3};
        ConditionalResampler overwriting = (log, random) -> {
            var ancestors = Resamplers.systematic(log.normalised(), 3, random.nextDouble());
            ancestors[2] = 2;
            return Offspring.equal(ancestors);
        };
        var law = new HashMap<List<Integer>, Double>();
        var right = drawn(ConditionalResampler.systematic(), weights, true);
        drawn(overwriting, weights, true)
                .forEach((counts, share) -> law.put(counts, share - right.getOrDefault(counts, 0.0)));

        assertThat(law.values()).anyMatch(difference -> Math.abs(difference) > .05);
    }

    private static void lawIs(
            Map<List<Integer>, Double> law, ConditionalResampler resampler, double[] weights, boolean counted) {
        var drawn = drawn(resampler, weights, counted);

        assertThat(law.keySet()).containsAll(drawn.keySet());
        law.forEach((counts, probability) -> assertThat(drawn.getOrDefault(counts, 0.0))
                .as("%s", counts)
                .isCloseTo(probability, within(4 * Math.sqrt(probability * (1 - probability) / DRAWS) + 1e-9)));
    }

    /** @param counted whether the law is of how many children each particle has; else of the children in order */
    private static Map<List<Integer>, Double> drawn(ConditionalResampler resampler, double[] weights, boolean counted) {
        var log = LogWeights.of(Arrays.stream(weights).map(StrictMath::log).toArray());
        var random = new CounterRandom(21);
        var drawn = new HashMap<List<Integer>, Double>();
        for (int draw = 0; draw < DRAWS; draw++) {
            var offspring = resampler.resample(log, random);
            assertThat(offspring.ancestor(weights.length - 1)).isEqualTo(weights.length - 1);
            drawn.merge(
                    counted ? counts(offspring.ancestors(), weights.length) : offspring.ancestors(),
                    1.0 / DRAWS,
                    Double::sum);
        }
        return drawn;
    }

    private static List<Integer> counts(List<Integer> ancestors, int particles) {
        var counts = new Integer[particles];
        Arrays.fill(counts, 0);
        ancestors.forEach(parent -> counts[parent]++);
        return List.of(counts);
    }
}
