package cloudchamber.coordinator.smc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogWeightsTest {
    @Test
    void weightsKeepTheirMeaningAtAnyScale() {
        for (double scale : new double[] {-5000, 0, 5000}) {
            var weights = LogWeights.of(
                    scale + Math.log(.5), scale + Math.log(.25), scale + Math.log(.125), scale + Math.log(.125));

            assertThat(weights.effectiveSampleSize()).isCloseTo(2.909091, within(1e-6));
            assertThat(weights.logMean()).isCloseTo(scale - Math.log(4), within(1e-9));
            assertThat(weights.normalised()).containsExactly(new double[] {.5, .25, .125, .125}, within(1e-12));
        }
    }

    @ParameterizedTest(name = "temperature {0}")
    @CsvSource({
        "0.5, .970831, .026968, .002201",
        "1, .823529, .137255, .039216",
        "1.5, .697238, .211161, .091601",
        "2, .614830, .251003, .134167"
    })
    void aSoftmaxTemperatureIsAPower(double temperature, double first, double second, double third) {
        var odds = LogWeights.of(Math.log(.9 / .1), Math.log(.6 / .4), Math.log(.3 / .7));

        assertThat(odds.power(1 / temperature).normalised())
                .containsExactly(new double[] {first, second, third}, within(1e-6));
    }

    @Test
    void logOddsAreNormalisedAsTheyAre() {
        assertThat(LogWeights.of(2.1, -1.2, 1.3, .1).normalised())
                .containsExactly(new double[] {.616695, .022746, .277099, .083461}, within(1e-6));
    }

    @Test
    void entropyIsRelativeToEqualWeights() {
        var uneven = LogWeights.of(
                Arrays.stream(new double[] {.9, .05, .03, .02}).map(Math::log).toArray());

        assertThat(uneven.relativeEntropy()).isCloseTo(.308772, within(1e-6));
        assertThat(uneven.effectiveSampleSize()).isCloseTo(1.228803, within(1e-6));
        assertThat(LogWeights.equal(7).relativeEntropy()).isCloseTo(1, within(1e-12));
        assertThat(LogWeights.equal(1).relativeEntropy()).isEqualTo(1);
        assertThat(LogWeights.of(3, Double.NEGATIVE_INFINITY).relativeEntropy()).isZero();
    }

    @Test
    void theDeadStayDead() {
        var weights = LogWeights.of(Double.NEGATIVE_INFINITY, 1, Double.NEGATIVE_INFINITY)
                .power(.25);

        assertThat(weights.get(0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(weights.get(1)).isEqualTo(.25);
        assertThat(weights.effectiveSampleSize()).isEqualTo(1);
    }

    @Test
    void whatIsNoWeightIsRefused() {
        assertThatThrownBy(() -> LogWeights.of(0, Double.NaN))
                .hasMessage("log-weights must be finite, or -Infinity for a dead particle: was NaN at particle 1");
        assertThatThrownBy(() -> LogWeights.of(Double.POSITIVE_INFINITY))
                .hasMessage("log-weights must be finite, or -Infinity for a dead particle: was Infinity at particle 0");
        assertThatThrownBy(() -> LogWeights.of(new double[0]))
                .hasMessage("log-weights need at least one particle: were none");
    }
}
