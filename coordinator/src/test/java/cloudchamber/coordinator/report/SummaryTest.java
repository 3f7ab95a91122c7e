package cloudchamber.coordinator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.report.Run.Particle;
import cloudchamber.coordinator.report.Summary.Parameters;
import cloudchamber.coordinator.report.Summary.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class SummaryTest {
    private static final Bootstrap BOOTSTRAP = new Bootstrap(0, 200);
    private static final Parameters MILLION = new Parameters() {
        @Override
        public OptionalDouble policy(Run run) {
            return OptionalDouble.of(1e6);
        }

        @Override
        public OptionalDouble prm(Run run) {
            return OptionalDouble.of(2e6);
        }
    };

    /** Method a is right on problems 1..4 of 8 with one generation and on all with four; b on none and on 1..4. */
    @Test
    void aSweepIsSummedUp() {
        var runs = new ArrayList<Run>();
        for (int problem = 1; problem <= 8; problem++) {
            for (long seed = 0; seed < 2; seed++) {
                runs.add(run("a", 1, seed, problem, problem <= 4));
                runs.add(run("a", 4, seed, problem, true));
                runs.add(run("b", 1, seed, problem, false));
                runs.add(run("b", 4, seed, problem, problem <= 4));
            }
        }
        var summary = Summary.of(runs, List.of(new Reference("x", 0.75, "a paper")), MILLION, BOOTSTRAP);

        assertThat(summary.problems()).isEqualTo(8);
        assertThat(summary.rows())
                .extracting(row ->
                        row.series() + row.budget() + " " + row.accuracy().estimate())
                .containsExactly("a1 0.5", "a4 1.0", "b1 0.0", "b4 0.5");
        assertThat(summary.rows().getFirst().seeds()).isEqualTo(2);
        assertThat(summary.rows().getFirst().flops()).isEqualTo(2 * (1e6 * 10 + 2e6 * 5));
        assertThat(summary.rates().getFirst().rate().rate().value()).isCloseTo(4, within(1e-9));
        assertThat(summary.series().getFirst().references().getFirst().budget()).isCloseTo(2, within(1e-9));
        assertThat(summary.series().get(1).references().getFirst().budget()).isNull();
        assertThat(summary.pairs())
                .extracting(pair -> pair.comparison().onlyFirst())
                .containsExactly(8, 8);
        assertThat(summary.effects().mean()).isEqualTo(0.5);
    }

    /** A problem that one cell has no result of counts nowhere, and is told. */
    @Test
    void allFiguresAreOfTheSameProblems() {
        var runs = List.of(run("a", 1, 0, 1, true), run("a", 1, 0, 2, false), run("b", 1, 0, 1, false));
        var summary = Summary.of(runs, List.of(), MILLION, BOOTSTRAP);

        assertThat(summary.problems()).isEqualTo(1);
        assertThat(summary.incompleteProblems()).isEqualTo(1);
        assertThat(summary.rows().getFirst().accuracy().estimate()).isEqualTo(1);
    }

    @Test
    void nothingIsSummedUpAsNothing() {
        assertThat(Summary.of(List.of(), List.of(), MILLION, BOOTSTRAP).rows()).isEmpty();
    }

    private static Run run(String series, int budget, long seed, int problem, boolean right) {
        return new Run(
                series,
                Map.of("method", series, "budget", Integer.toString(budget)),
                budget,
                seed,
                "set",
                "p" + problem,
                right,
                right,
                List.of(new Particle(0.75, 1, 0, right, true)),
                false,
                List.of(),
                10,
                5,
                1);
    }
}
