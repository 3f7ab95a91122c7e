package cloudchamber.coordinator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class IntervalTest {

    /** Both ends solve (p - q)² = z² q (1 - q) / n, which is what defines the Wilson interval. */
    @Test
    void wilsonsEndsSolveTheScoreEquation() {
        double z = 1.959963984540054;
        for (int successes = 1; successes < 20; successes++) {
            var interval = Interval.wilson(successes, 20);
            for (double end : new double[] {interval.low(), interval.high()}) {
                double distance = interval.estimate() - end;
                assertThat(distance * distance).isCloseTo(z * z * end * (1 - end) / 20, within(1e-12));
            }
        }
    }

    @Test
    void wilsonNeverCollapsesAtTheEdges() {
        assertThat(Interval.wilson(0, 10).low()).isEqualTo(0);
        assertThat(Interval.wilson(0, 10).high()).isCloseTo(0.27753, within(1e-5));
        assertThat(Interval.wilson(10, 10).high()).isEqualTo(1);
    }

    /** Means 0 and 1 in equal number: variance n / (4 (n - 1)), so the half width is z / (2 √(n - 1)). */
    @Test
    void clusterMeansUseTheVarianceBetweenProblems() {
        var interval = Interval.ofClusterMeans(List.of(0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0));

        assertThat(interval.estimate()).isEqualTo(0.5);
        assertThat(interval.high() - 0.5).isCloseTo(1.959963984540054 / 6, within(1e-12));
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> Interval.wilson(3, 2))
                .hasMessage("successes must be in [0, trials] with at least one trial: were 3 of 2");
        assertThatThrownBy(() -> Interval.ofClusterMeans(List.of(0.5)))
                .hasMessage("an interval over problems needs at least 2: had 1");
    }
}
