package cloudchamber.engine;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.CounterRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExponentialTest {
    private static double[] raised(double... values) {
        double[] result = values.clone();
        new Exponential(values.length).raise(result);
        return result;
    }

    /** A million numbers over the whole range, and as many where probabilities matter. */
    @Test
    void isWithinOneUnitInTheLastPlace() {
        for (double range : new double[] {705, 20}) {
            double[] values = IntStream.range(0, 1_000_000)
                    .mapToDouble(index -> -range * CounterRandom.uniform(5, index))
                    .toArray();
            double[] seen = raised(values);
            for (int index = 0; index < values.length; index++) {
                double expected = StrictMath.exp(values[index]);
                assertThat(Math.abs(seen[index] - expected) <= Math.ulp(expected))
                        .as("e^%s is %s: was %s", values[index], expected, seen[index])
                        .isTrue();
            }
        }
    }

    @Test
    void edgesAreExact() {
        assertThat(raised(0, -0.0, -708.1, -1e300, Double.NEGATIVE_INFINITY)).containsExactly(1, 1, 0, 0, 0);
        assertThat(raised(-706)[0]).isBetween(1e-307, 1e-306);
    }
}
