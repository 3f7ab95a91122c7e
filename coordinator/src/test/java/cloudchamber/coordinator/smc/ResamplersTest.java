package cloudchamber.coordinator.smc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.protocol.model.CounterRandom;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ResamplersTest {
    private static final double[] WEIGHTS = {.11, .23, .07, .29, .30};

    /** Var(offspring), exact: N W (1 - W), and f (1 - f) with f the fraction of N W. */
    private static final double[] MULTINOMIAL = {.4895, .8855, .3255, 1.0295, 1.05};

    private static final double[] SYSTEMATIC = {.2475, .1275, .2275, .2475, .25};

    @Test
    void multinomialHasItsMeanAndVariance() {
        momentsAre(Resamplers.multinomial(), MULTINOMIAL);
    }

    @Test
    void systematicHasItsMeanAndVariance() {
        momentsAre(Resamplers.systematic(), SYSTEMATIC);
    }

    /** 4 standard errors of the mean; the variance of 40,000 draws is within 6 % (4 SE for kurtosis up to 10). */
    private static void momentsAre(Resampler resampler, double[] variances) {
        int draws = 40_000;
        var random = new CounterRandom(11);
        var log = LogWeights.of(Arrays.stream(WEIGHTS).map(StrictMath::log).toArray());
        var sums = new double[5];
        var squares = new double[5];
        for (int draw = 0; draw < draws; draw++) {
            var counts = new double[5];
            for (int parent : resampler.resample(log, 5, random).ancestors()) {
                counts[parent]++;
            }
            for (int particle = 0; particle < 5; particle++) {
                sums[particle] += counts[particle];
                squares[particle] += counts[particle] * counts[particle];
            }
        }
        for (int particle = 0; particle < 5; particle++) {
            double mean = sums[particle] / draws;
            assertThat(mean).isCloseTo(5 * WEIGHTS[particle], within(4 * Math.sqrt(variances[particle] / draws)));
            assertThat(squares[particle] / draws - mean * mean)
                    .isCloseTo(variances[particle], within(.06 * variances[particle]));
        }
    }

    @Test
    void systematicGivesTheGoldenAncestorsOfAUniform() {
        double[] weights = {.5, .25, .15, .10};

        assertThat(Resamplers.systematic(weights, 8, 0)).containsExactly(0, 0, 0, 0, 1, 1, 2, 2);
        for (double uniform : new double[] {.3, .5, .999}) {
            assertThat(Resamplers.systematic(weights, 8, uniform)).containsExactly(0, 0, 0, 0, 1, 1, 2, 3);
        }
    }

    /** The edges: a draw of exactly 0, and ten tenths, which add up to 0.9999999999999999. */
    @Test
    void aDeadParticleIsNeverChosen() {
        double[] firstDead = {0, 1, 0};
        double[] lastDead = {.1, .1, .1, .1, .1, .1, .1, .1, .1, .1, 0};

        assertThat(Resamplers.systematic(firstDead, 3, 0)).containsExactly(1, 1, 1);
        assertThat(Resamplers.systematic(lastDead, 1, Math.nextDown(1.0))).containsExactly(9);
        var log = LogWeights.of(Arrays.stream(lastDead).map(StrictMath::log).toArray());
        RandomGenerator highest = () -> -1L;
        assertThat(Resamplers.multinomial().resample(log, 4, highest).ancestors())
                .doesNotContain(10);
        assertThat(Resamplers.systematic().resample(log, 4, highest).ancestors())
                .doesNotContain(10);
    }

    @Test
    void allDeadIsRefused() {
        var dead = LogWeights.of(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);

        assertThat(dead.allDead()).isTrue();
        assertThat(dead.effectiveSampleSize()).isZero();
        assertThat(dead.logMean()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThatThrownBy(() -> Resamplers.systematic().resample(dead, 2, new CounterRandom(1)))
                .hasMessage("a particle must have a positive weight to normalise: all 2 are dead");
        assertThatThrownBy(() -> LogWeights.of(0, Double.NaN))
                .hasMessage("log-weights must be finite, or -Infinity for a dead particle: was NaN at particle 1");
    }

    @Test
    void weightsKeepTheirMeaningAtAnyScale() {
        var weights = LogWeights.of(
                -5000 + Math.log(.5), -5000 + Math.log(.25), -5000 + Math.log(.125), -5000 + Math.log(.125));

        assertThat(weights.effectiveSampleSize()).isCloseTo(2.909091, within(1e-6));
        assertThat(weights.logMean()).isCloseTo(-5000 - Math.log(4), within(1e-9));
        assertThat(weights.normalised()).containsExactly(new double[] {.5, .25, .125, .125}, within(1e-12));
    }
}
