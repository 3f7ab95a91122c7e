package cloudchamber.client;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.report.Bootstrap;
import cloudchamber.coordinator.report.Run;
import cloudchamber.coordinator.report.Summary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepPlotsTest {
    private static final int TOKENS_A_GENERATION = 100;

    @TempDir
    private Path folder;

    /** Every second problem is solved from a budget of 4 on; each generation takes as many tokens. */
    private static Summary summary(int... budgets) {
        var runs = new ArrayList<Run>();
        for (int budget : budgets) {
            for (int problem = 0; problem < 10; problem++) {
                boolean right = budget >= 4 && problem % 2 == 0;
                runs.add(new Run(
                        "greedy",
                        Map.of("method", "greedy", "policy", "p", "prm", "q"),
                        budget,
                        0,
                        "set",
                        "p" + problem,
                        right,
                        right,
                        List.of(),
                        false,
                        List.of(new Run.Round(1, 1), new Run.Round(.5, .7)),
                        (long) TOKENS_A_GENERATION * budget,
                        0,
                        1));
            }
        }
        var parameters = new Summary.Parameters() {
            @Override
            public OptionalDouble policy(Run run) {
                return OptionalDouble.of(1e9);
            }

            @Override
            public OptionalDouble prm(Run run) {
                return OptionalDouble.empty();
            }
        };
        return Summary.of(runs, List.of(), parameters, new Bootstrap(0, 100));
    }

    @Test
    void everyCostThatIsKnownHasItsPlotAsVectorsAndPixels() {
        var manifest = ApiClient.JSON.createObjectNode();
        manifest.putObject("sweep")
                .put("name", "drawn")
                .putArray("references")
                .addObject()
                .put("name", "a paper")
                .put("accuracy", .75);

        var drawn = SweepPlots.draw(folder, manifest, summary(1, 4, 16, 64));

        assertThat(drawn)
                .extracting(plot -> plot.getFileName().toString())
                .containsExactly("accuracy-budget", "accuracy-tokens", "accuracy-flops", "rounds");
        assertThat(drawn).allSatisfy(plot -> {
            assertThat(Path.of(plot + ".svg")).isNotEmptyFile();
            assertThat(Path.of(plot + ".png")).isNotEmptyFile();
        });
    }

    /** A curve of one point, and one over many doublings, are drawn as well. */
    @Test
    void anySpanOfBudgetsIsDrawn() {
        var manifest = ApiClient.JSON.createObjectNode();

        assertThat(SweepPlots.draw(folder, manifest, summary(8))).hasSize(4);
        assertThat(SweepPlots.draw(folder, manifest, summary(1, 1 << 16))).hasSize(4);
    }

    @Test
    void powersOfTwoAreWrittenAsPeopleDo() {
        assertThat(SweepPlots.label(1)).isEqualTo("1");
        assertThat(SweepPlots.label(4096)).isEqualTo("4096");
        assertThat(SweepPlots.label(0.5)).isEqualTo("0.50");
        assertThat(SweepPlots.label(0.0625)).isEqualTo("0.063");
    }
}
