package cloudchamber.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedLatencyTest {
    private static final int DRAWS = 20_000;

    /*
     * With cv the coefficient of variation, the logarithm is normal with variance s² = log(1 + cv²). Over n
     * draws the mean of the logarithms has the standard error s/√n and their standard deviation s/√(2n); the
     * mean of the latencies themselves cv·mean/√n. All are held to five of them.
     */
    @ParameterizedTest
    @ValueSource(doubles = {.1, .5, 1})
    void latencyIsLogNormalWithTheStatedMeanAndVariation(double variation) {
        try (var latency = new SimulatedLatency(Duration.ofSeconds(10), variation)) {
            double mean = 1e7;
            double s = Math.sqrt(Math.log1p(variation * variation));
            var micros = LongStream.range(0, DRAWS).mapToDouble(latency::micros).toArray();
            double sum = 0;
            double logSum = 0;
            double logSquares = 0;
            for (double one : micros) {
                sum += one;
                double log = Math.log(one / mean) + s * s / 2;
                logSum += log;
                logSquares += log * log;
            }

            assertThat(sum / DRAWS).isCloseTo(mean, within(5 * variation * mean / Math.sqrt(DRAWS)));
            assertThat(logSum / DRAWS).isCloseTo(0, within(5 * s / Math.sqrt(DRAWS)));
            assertThat(Math.sqrt(logSquares / DRAWS)).isCloseTo(s, within(5 * s / Math.sqrt(2.0 * DRAWS)));
        }
    }

    @Test
    void repeatTakesAsLongAgainAndNoVariationMeansTheMean() {
        try (var varied = new SimulatedLatency(Duration.ofMillis(50), 1);
                var constant = new SimulatedLatency(Duration.ofMillis(50), 0)) {
            assertThat(varied.micros(7)).isEqualTo(varied.micros(7)).isNotEqualTo(varied.micros(8));
            assertThat(constant.micros(7)).isEqualTo(50_000);
        }
    }

    @Test
    void resultComesAfterTheLatencyOrAtOnceWithoutOne() {
        try (var none = SimulatedLatency.none();
                var some = new SimulatedLatency(Duration.ofMillis(1), 0)) {
            assertThat(none.after(1, () -> "result", () -> "refused")).isCompletedWithValue("result");
            assertThat(some.after(1, () -> "result", () -> "refused").join()).isEqualTo("result");
        }
    }

    /** Whoever waits is told; a worker that drains would else wait for ever. */
    @Test
    void closingRefusesWhatIsUnderWayAndWhatComesLater() {
        var latency = new SimulatedLatency(Duration.ofHours(1), 0);
        var evaluated = new AtomicInteger();
        var underWay = latency.after(1, evaluated::incrementAndGet, () -> -1);
        assertThat(underWay).isNotDone();

        latency.close();

        assertThat(underWay).isCompletedWithValue(-1);
        assertThat(latency.after(2, evaluated::incrementAndGet, () -> -2)).isCompletedWithValue(-2);
        assertThat(evaluated).hasValue(0);
    }

    @Test
    void failureOfTheWorkReachesTheOneWhoWaits() {
        try (var latency = new SimulatedLatency(Duration.ofMillis(1), 0)) {
            var broken = latency.after(
                    1,
                    () -> {
                        throw new IllegalStateException("broken");
                    },
                    () -> "refused");

            assertThat(broken.handle((result, failure) -> failure).join())
                    .isInstanceOfAny(IllegalStateException.class, CompletionException.class)
                    .hasMessageContaining("broken");
        }
    }

    @Test
    void negativeLatencyIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SimulatedLatency(Duration.ofMillis(-1), Double.NaN))
                .withMessage(
                        "a latency's mean and coefficient of variation must not be negative: were PT-0.001S and NaN");
    }
}
