package cloudchamber.coordinator.smc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.protocol.model.CounterRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ResamplersTest {
    private static final Map<String, Resampler> SCHEMES = Map.of(
            "multinomial", Resamplers.multinomial(),
            "residual", Resamplers.residual(),
            "stratified", Resamplers.stratified(),
            "systematic", Resamplers.systematic(),
            "systematic-shuffled", Resamplers.systematicShuffled(),
            "ssp", Resamplers.ssp());

    /** Five weights that no multiple of 1/5 divides. */
    private static final double[] UNEVEN = {.11, .23, .07, .29, .30};

    private static final double[] HALVES = {.5, .25, .15, .10};
    private static final double[] ALTERNATING = {.0625, .1875, .0625, .1875, .0625, .1875, .0625, .1875};
    private static final int DRAWS = 40_000;

    // ---- §1 means and variances, all exact

    static Stream<Arguments> offspring() {
        /* Var(O): N W (1 - W) for multinomial; f (1 - f), f the fraction of N W, where counts are rounded up or down. */
        double[] rounded = {.2475, .1275, .2275, .2475, .25};
        return Stream.of(
                Arguments.of("multinomial", UNEVEN, 5, new double[] {.4895, .8855, .3255, 1.0295, 1.05}),
                Arguments.of("residual", UNEVEN, 5, new double[] {.39875, .13875, .28875, .34875, .375}),
                Arguments.of("stratified", UNEVEN, 5, new double[] {.2475, .4575, .2575, .2975, .25}),
                Arguments.of("systematic", UNEVEN, 5, rounded),
                Arguments.of("systematic-shuffled", UNEVEN, 5, rounded),
                Arguments.of("ssp", UNEVEN, 5, rounded),
                Arguments.of("residual", HALVES, 4, new double[] {0, 0, .24, .24}),
                Arguments.of("stratified", HALVES, 4, new double[] {0, 0, .24, .24}),
                Arguments.of("systematic", HALVES, 4, new double[] {0, 0, .24, .24}),
                Arguments.of("ssp", HALVES, 4, new double[] {0, 0, .24, .24}));
    }

    /**
     * Means within 4 standard errors. Variances within 6 %, which is more than 4 standard errors of the variance
     * of 40,000 draws of a kurtosis up to 10; a count of variance 0 never differs.
     */
    @ParameterizedTest
    @MethodSource("offspring")
    void offspringHasItsMeanAndVariance(String scheme, double[] weights, int children, double[] variances) {
        var sums = new double[weights.length];
        var squares = new double[weights.length];
        var random = new CounterRandom(11);
        for (int draw = 0; draw < DRAWS; draw++) {
            var counts = counts(SCHEMES.get(scheme).resample(log(weights), children, random), weights.length);
            for (int particle = 0; particle < weights.length; particle++) {
                sums[particle] += counts[particle];
                squares[particle] += counts[particle] * counts[particle];
            }
        }
        for (int particle = 0; particle < weights.length; particle++) {
            double mean = sums[particle] / DRAWS;
            assertThat(mean)
                    .isCloseTo(
                            children * weights[particle], within(4 * Math.sqrt(variances[particle] / DRAWS) + 1e-12));
            assertThat(squares[particle] / DRAWS - mean * mean)
                    .isCloseTo(variances[particle], within(.06 * variances[particle] + 1e-12));
        }
    }

    static Stream<Arguments> estimates() {
        double[] upToFour = {1, 2, 3, 4};
        double[] upToFive = {1, 2, 3, 4, 5};
        double[] every = {1, 0, 1, 0, 1, 0, 1, 0};
        return Stream.of(
                Arguments.of("multinomial", UNEVEN, 5, upToFive, 3.44, .39328),
                Arguments.of("residual", UNEVEN, 5, upToFive, 3.44, .1912),
                Arguments.of("stratified", UNEVEN, 5, upToFive, 3.44, .0302),
                Arguments.of("systematic", UNEVEN, 5, upToFive, 3.44, .0784),
                Arguments.of("multinomial", HALVES, 4, upToFour, 1.85, .256875),
                Arguments.of("residual", HALVES, 4, upToFour, 1.85, .015),
                Arguments.of("stratified", HALVES, 4, upToFour, 1.85, .015),
                Arguments.of("systematic", HALVES, 4, upToFour, 1.85, .015),
                Arguments.of("multinomial", HALVES, 10, upToFour, 1.85, .10275),
                Arguments.of("residual", HALVES, 10, upToFour, 1.85, .0025),
                Arguments.of("stratified", HALVES, 10, upToFour, 1.85, .0025),
                Arguments.of("systematic", HALVES, 10, upToFour, 1.85, .0025),
                /* Where order goes with content, systematic is worse than multinomial; shuffling or SSP mends it. */
                Arguments.of("multinomial", ALTERNATING, 8, every, .25, .0234375),
                Arguments.of("residual", ALTERNATING, 8, every, .25, .015625),
                Arguments.of("stratified", ALTERNATING, 8, every, .25, .015625),
                Arguments.of("systematic", ALTERNATING, 8, every, .25, .0625));
    }

    /** The estimate (1/N) Σ f_i O_i: mean within 4 standard errors, variance within 6 %. */
    @ParameterizedTest
    @MethodSource("estimates")
    void anEstimateHasItsMeanAndVariance(
            String scheme, double[] weights, int children, double[] f, double mean, double variance) {
        var moments = estimate(scheme, weights, children, f);

        assertThat(moments[0]).isCloseTo(mean, within(4 * Math.sqrt(variance / DRAWS)));
        assertThat(moments[1]).isCloseTo(variance, within(.06 * variance));
    }

    @Test
    void shufflingAndSspAreNotHurtByTheOrder() {
        double[] every = {1, 0, 1, 0, 1, 0, 1, 0};

        assertThat(estimate("systematic-shuffled", ALTERNATING, 8, every)[1]).isLessThan(.0234375);
        assertThat(estimate("ssp", ALTERNATING, 8, every)[1]).isLessThan(.0234375);
    }

    private static double[] estimate(String scheme, double[] weights, int children, double[] f) {
        double sum = 0;
        double squares = 0;
        var random = new CounterRandom(12);
        var log = log(weights);
        for (int draw = 0; draw < DRAWS; draw++) {
            var offspring = SCHEMES.get(scheme).resample(log, children, random);
            double value = 0;
            for (int child = 0; child < children; child++) {
                value += f[offspring.ancestor(child)] / children;
            }
            sum += value;
            squares += value * value;
        }
        double mean = sum / DRAWS;
        return new double[] {mean, squares / DRAWS - mean * mean};
    }

    /** χ² of pooled multinomial counts against N W; 24.32 is the 99.9 % point of 7 degrees of freedom. */
    @Test
    void multinomialCountsFitTheWeights() {
        double[] weights = {.02, .05, .08, .1, .15, .15, .2, .25};
        var pooled = new double[8];
        var random = new CounterRandom(13);
        for (int draw = 0; draw < 5000; draw++) {
            var counts = counts(Resamplers.multinomial().resample(log(weights), 8, random), 8);
            Arrays.setAll(pooled, particle -> pooled[particle] + counts[particle]);
        }
        double chiSquare = 0;
        for (int particle = 0; particle < 8; particle++) {
            double expected = 40_000 * weights[particle];
            chiSquare += (pooled[particle] - expected) * (pooled[particle] - expected) / expected;
        }

        assertThat(chiSquare).isLessThan(24.32);
    }

    /** Counts stay within their bounds: ⌊NW⌋ and ⌈NW⌉, one more either way for stratified, above the floor for residual. */
    @Test
    void countsStayWithinTheirBounds() {
        var random = new CounterRandom(14);
        for (int draw = 0; draw < 2000; draw++) {
            var weights = random.doubles(7, .001, 1).toArray();
            double sum = Arrays.stream(weights).sum();
            Arrays.setAll(weights, particle -> weights[particle] / sum);
            for (var scheme : SCHEMES.entrySet()) {
                var counts = counts(scheme.getValue().resample(log(weights), 9, random), 7);
                assertThat(Arrays.stream(counts).sum()).isEqualTo(9);
                for (int particle = 0; particle < 7; particle++) {
                    int floor = (int) Math.floor(9 * weights[particle]);
                    switch (scheme.getKey()) {
                        case "multinomial" -> assertThat(counts[particle]).isBetween(0, 9);
                        case "residual" -> assertThat(counts[particle]).isGreaterThanOrEqualTo(floor);
                        case "stratified" -> assertThat(counts[particle]).isBetween(floor - 1, floor + 2);
                        default -> assertThat(counts[particle]).isBetween(floor, floor + 1);
                    }
                }
            }
        }
    }

    // ---- fixed uniforms

    @Test
    void systematicGivesTheGoldenAncestorsOfAUniform() {
        assertThat(Resamplers.systematic(HALVES, 8, 0)).containsExactly(0, 0, 0, 0, 1, 1, 2, 2);
        for (double uniform : new double[] {.3, .5, .999}) {
            assertThat(Resamplers.systematic(HALVES, 8, uniform)).containsExactly(0, 0, 0, 0, 1, 1, 2, 3);
        }
        assertThat(Resamplers.systematic(HALVES, 8, .199)).endsWith(2, 2);
        assertThat(Resamplers.systematic(HALVES, 8, .201)).endsWith(2, 3);
    }

    @Test
    void stratifiedGivesTheGoldenAncestorsOfItsUniforms() {
        var offspring = Resamplers.stratified().resample(log(HALVES), 8, uniforms(.9, .1, .5, .2, .7, .3, .05, .95));

        assertThat(offspring.ancestors()).containsExactly(0, 0, 0, 0, 1, 1, 2, 3);
    }

    @Test
    void residualDrawsOnlyTheRemainder() {
        var log = log(HALVES);
        var random = new CounterRandom(15);
        int thirds = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            var counts = counts(Resamplers.residual().resample(log, 8, random), 4);
            assertThat(counts[0]).isEqualTo(4);
            assertThat(counts[1]).isEqualTo(2);
            assertThat(counts[2] + counts[3]).isEqualTo(2);
            assertThat(counts[2]).isBetween(1, 2);
            thirds += counts[2] - 1;
        }

        assertThat((double) thirds / DRAWS).isCloseTo(.2, within(4 * Math.sqrt(.2 * .8 / DRAWS)));
    }

    /** Equal shares are whole numbers of children, whatever rounding makes of N · (1/N). */
    @Test
    void equalWeightsKeepEveryParticle() {
        for (int particles = 1; particles <= 200; particles++) {
            var expected = IntStream.range(0, particles).boxed().toList();
            for (var scheme : Map.of(
                            "residual", Resamplers.residual(),
                            "stratified", Resamplers.stratified(),
                            "systematic", Resamplers.systematic(),
                            "ssp", Resamplers.ssp(),
                            "optimal", Resamplers.optimal())
                    .entrySet()) {
                assertThat(scheme.getValue()
                                .resample(LogWeights.equal(particles), particles, new CounterRandom(particles))
                                .ancestors())
                        .as(scheme.getKey())
                        .isEqualTo(expected);
            }
        }
    }

    // ---- edges

    /** A draw of exactly 0 or the highest there is, and ten tenths, which add up to 0.9999999999999999. */
    @Test
    void aDeadParticleIsNeverChosen() {
        double[] firstDead = {0, 1, 0};
        double[] lastDead = {.1, .1, .1, .1, .1, .1, .1, .1, .1, .1, 0};
        RandomGenerator highest = () -> -1L;
        RandomGenerator lowest = () -> 0L;

        assertThat(Resamplers.systematic(firstDead, 3, 0)).containsExactly(1, 1, 1);
        assertThat(Resamplers.systematic(lastDead, 1, Math.nextDown(1.0))).containsExactly(9);
        for (var scheme : SCHEMES.entrySet()) {
            for (var random : new RandomGenerator[] {highest, lowest, new CounterRandom(1)}) {
                if (random == highest && scheme.getKey().equals("systematic-shuffled")) {
                    continue; // a bounded integer of it would be rejected for ever
                }
                assertThat(scheme.getValue().resample(log(firstDead), 3, random).ancestors())
                        .as(scheme.getKey())
                        .containsExactly(1, 1, 1);
                assertThat(scheme.getValue().resample(log(lastDead), 4, random).ancestors())
                        .as(scheme.getKey())
                        .doesNotContain(10);
            }
        }
    }

    @Test
    void oneParticleWithAllTheWeightHasEveryChild() {
        var log = LogWeights.of(-700, Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);
        for (var scheme : SCHEMES.entrySet()) {
            assertThat(scheme.getValue().resample(log, 4, new CounterRandom(2)).ancestors())
                    .as(scheme.getKey())
                    .containsExactly(0, 0, 0, 0);
        }
        assertThat(Resamplers.optimal().resample(log, 4, new CounterRandom(2)).ancestors())
                .containsExactly(0);
    }

    /** A factor of all weights is no weight: 2^k scales exactly, and other factors to the last bit that matters. */
    @Test
    void aConstantOnAllLogWeightsChangesNothing() {
        for (var scheme : SCHEMES.entrySet()) {
            for (int seed = 0; seed < 100; seed++) {
                var plain = scheme.getValue().resample(log(UNEVEN), 5, new CounterRandom(seed));
                var shifted = scheme.getValue()
                        .resample(
                                LogWeights.of(Arrays.stream(UNEVEN)
                                        .map(weight -> StrictMath.log(weight) - 512)
                                        .toArray()),
                                5,
                                new CounterRandom(seed));
                assertThat(shifted.ancestors()).as(scheme.getKey()).isEqualTo(plain.ancestors());
            }
        }
    }

    @Test
    void allDeadIsRefused() {
        var dead = LogWeights.of(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);

        assertThat(dead.allDead()).isTrue();
        assertThat(dead.effectiveSampleSize()).isZero();
        assertThat(dead.logMean()).isEqualTo(Double.NEGATIVE_INFINITY);
        for (var scheme : SCHEMES.values()) {
            assertThatThrownBy(() -> scheme.resample(dead, 2, new CounterRandom(1)))
                    .hasMessage("a particle must have a positive weight to normalise: all 2 are dead");
        }
    }

    // ---- without replacement

    /**
     * At most M distinct children whose weights have the parents' as their mean: within 4 standard errors, which
     * the threshold bounds.
     */
    @Test
    void optimalKeepsTheHeavyAndIsUnbiased() {
        double[] weights = {.4, .3, .1, .08, .06, .04, .02};
        var sums = new double[7];
        var squares = new double[7];
        var random = new CounterRandom(16);
        for (int draw = 0; draw < DRAWS; draw++) {
            var offspring = Resamplers.optimal().resample(log(weights), 4, random);
            assertThat(offspring.size()).isEqualTo(4);
            assertThat(new TreeSet<>(offspring.ancestors())).hasSize(4).contains(0, 1);
            for (int child = 0; child < 4; child++) {
                double weight = Math.exp(offspring.logWeight(child)) / 4;
                sums[offspring.ancestor(child)] += weight;
                squares[offspring.ancestor(child)] += weight * weight;
            }
        }
        for (int particle = 0; particle < 7; particle++) {
            double mean = sums[particle] / DRAWS;
            double error = Math.sqrt(Math.max(0, squares[particle] / DRAWS - mean * mean) / DRAWS);
            assertThat(mean).isCloseTo(weights[particle], within(4 * error + 1e-12));
        }
        assertThat(sums[0] / DRAWS).as("kept as it is").isCloseTo(.4, within(1e-12));
    }

    /** Σ min(1, w/threshold) = M defines it; here by hand: .4 and .3 are above, .3 is left for two children. */
    @Test
    void theThresholdSolvesItsEquation() {
        assertThat(Resamplers.threshold(new double[] {.4, .3, .1, .08, .06, .04, .02}, 4))
                .isCloseTo(.15, within(1e-12));
        var random = new CounterRandom(17);
        for (int draw = 0; draw < 500; draw++) {
            var weights = random.doubles(40).map(value -> value * value * value).toArray();
            double threshold = Resamplers.threshold(weights, 15);
            assertThat(Arrays.stream(weights)
                            .map(weight -> Math.min(1, weight / threshold))
                            .sum())
                    .isCloseTo(15, within(1e-9));
        }
    }

    @Test
    void fewLiveParticlesAreTheChildrenOfOptimal() {
        var log =
                LogWeights.of(StrictMath.log(.5), Double.NEGATIVE_INFINITY, StrictMath.log(.125), StrictMath.log(.375));
        var offspring = Resamplers.optimal().resample(log, 3, new CounterRandom(1));

        assertThat(offspring.ancestors()).containsExactly(0, 2, 3);
        assertThat(offspring.logWeights().stream()
                        .mapToDouble(Double::doubleValue)
                        .map(Math::exp)
                        .toArray())
                .containsExactly(new double[] {1.5, .375, 1.125}, within(1e-12));
    }

    private static LogWeights log(double[] weights) {
        return LogWeights.of(Arrays.stream(weights).map(StrictMath::log).toArray());
    }

    private static int[] counts(Offspring offspring, int particles) {
        var counts = new int[particles];
        for (int child = 0; child < offspring.size(); child++) {
            counts[offspring.ancestor(child)]++;
            assertThat(offspring.logWeight(child)).isZero();
        }
        return counts;
    }

    /** A generator that draws these uniforms in turn. */
    private static RandomGenerator uniforms(double... values) {
        return new RandomGenerator() {
            private int next;

            @Override
            public long nextLong() {
                throw new AssertionError("only uniforms are drawn");
            }

            @Override
            public double nextDouble() {
                return values[next++];
            }
        };
    }
}
