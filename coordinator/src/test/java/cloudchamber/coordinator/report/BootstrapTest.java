package cloudchamber.coordinator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    private static final int PROBLEMS = 50;

    private final Bootstrap bootstrap = new Bootstrap(7, 4000);

    @Test
    void drawsDependOnNothingButTheSeedAndTheirPlace() {
        assertThat(bootstrap.draw(3, 10)).isEqualTo(new Bootstrap(7, 100).draw(3, 10));
        assertThat(bootstrap.draw(3, 10)).isNotEqualTo(new Bootstrap(8, 100).draw(3, 10));
    }

    /** 200,000 draws of 50: each count is Binomial(200000, 1/50), five standard deviations wide. */
    @Test
    void everyProblemIsDrawnAsOften() {
        var counts = new int[PROBLEMS];
        for (int replicate = 0; replicate < 4000; replicate++) {
            for (int problem : bootstrap.draw(replicate, PROBLEMS)) {
                counts[problem]++;
            }
        }
        double deviation = Math.sqrt(200_000 * 0.02 * 0.98);
        assertThat(IntStream.of(counts).boxed())
                .allSatisfy(count -> assertThat((double) count).isCloseTo(4000, within(5 * deviation)));
    }

    /**
     * The replicates of a mean are themselves a sample with variance σ²/n, σ² the variance of the values: the standard
     * deviation of 4000 replicates is within 5 / √(2 · 4000) of it, relatively.
     */
    @Test
    void aMeansReplicatesHaveItsStandardError() {
        var values =
                IntStream.range(0, PROBLEMS).mapToDouble(place -> place % 2).toArray();
        var replicates = bootstrap.sorted(PROBLEMS, problems -> Bootstrap.mean(values, problems));
        double mean = Arrays.stream(replicates).average().orElseThrow();
        double variance = Arrays.stream(replicates)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElseThrow();
        double expected = 0.5 / Math.sqrt(PROBLEMS);

        assertThat(Math.sqrt(variance)).isCloseTo(expected, within(expected * 5 / Math.sqrt(8000)));
        assertThat(mean).isCloseTo(0.5, within(5 * expected / Math.sqrt(4000)));
    }

    /** Runs of a problem that always agree are worth one run: seeds must not narrow the interval. */
    @Test
    void seedsThatRepeatAProblemDoNotNarrowItsInterval() {
        var once = new boolean[1][PROBLEMS][1];
        var often = new boolean[1][PROBLEMS][9];
        for (int problem = 0; problem < PROBLEMS; problem++) {
            once[0][problem][0] = problem % 2 == 0;
            Arrays.fill(often[0][problem], problem % 2 == 0);
        }
        var budgets = List.of(1);
        var single = new Accuracies(budgets, once).accuracy(0, bootstrap);
        var repeated = new Accuracies(budgets, often).accuracy(0, bootstrap);

        assertThat(repeated.estimate()).isEqualTo(0.5);
        assertThat(repeated.high() - repeated.low()).isCloseTo(single.high() - single.low(), within(0.03));
    }

    @Test
    void quantilesAreTheSmallestValuesWithEnoughBelow() {
        double[] values = {1, 2, 3, 4};
        assertThat(Bootstrap.quantile(values, 0.5)).isEqualTo(2);
        assertThat(Bootstrap.quantile(values, 0.51)).isEqualTo(3);
        assertThat(Bootstrap.quantile(values, 0)).isEqualTo(1);
        assertThat(Bootstrap.quantile(values, 1)).isEqualTo(4);
    }
}
