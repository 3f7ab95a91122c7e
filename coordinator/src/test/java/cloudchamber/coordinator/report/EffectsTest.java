package cloudchamber.coordinator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.report.Effects.Cell;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EffectsTest {

    /** .5 ± .1 for x, ± .05 for y, ± .02 for both: the design the decomposition must give back. */
    @Test
    void aFullGridIsTakenApartAsItWasPutTogether() {
        var cells = List.of(
                cell("a", "p", 0.5 + 0.1 + 0.05 + 0.02),
                cell("a", "q", 0.5 + 0.1 - 0.05 - 0.02),
                cell("b", "p", 0.5 - 0.1 + 0.05 - 0.02),
                cell("b", "q", 0.5 - 0.1 - 0.05 + 0.02));
        var effects = Effects.of(cells);

        assertThat(effects.mean()).isCloseTo(0.5, within(1e-12));
        assertThat(effects.main()).hasSize(4);
        assertThat(effects.main().getFirst().effect()).isCloseTo(0.1, within(1e-12));
        assertThat(effects.main().get(2).effect()).isCloseTo(0.05, within(1e-12));
        assertThat(effects.interactions()).hasSize(4);
        assertThat(effects.interactions().getFirst().effect()).isCloseTo(0.02, within(1e-12));
        assertThat(effects.interactions().get(1).effect()).isCloseTo(-0.02, within(1e-12));
    }

    @Test
    void anAxisWithOneLevelHasNoEffect() {
        var effects = Effects.of(List.of(cell("a", "p", 0.2), cell("a", "q", 0.4)));

        assertThat(effects.main()).extracting(Effects.Main::axis).containsOnly("y");
        assertThat(effects.interactions()).isEmpty();
    }

    @Test
    void levelsThatAreNumbersStandInTheirOrder() {
        var effects = Effects.of(Stream.of("16", "1", "last", "0.5", "4", "first", "128")
                .map(level -> new Cell(Map.of("axis", level), 0.5))
                .toList());

        assertThat(effects.main())
                .extracting(Effects.Main::level)
                .containsExactly("0.5", "1", "4", "16", "128", "first", "last");
    }

    private static Cell cell(String x, String y, double accuracy) {
        return new Cell(Map.of("x", x, "y", y), accuracy);
    }
}
