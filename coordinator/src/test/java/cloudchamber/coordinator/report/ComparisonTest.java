package cloudchamber.coordinator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private final Bootstrap bootstrap = new Bootstrap(1, 2000);

    /** Of 10 pairs, at most 1 on one side: 2 (C(10,0) + C(10,1)) / 2¹⁰ = 22/1024. */
    @Test
    void mcNemarIsTheExactBinomialTail() {
        assertThat(Comparison.mcNemar(9, 1)).isCloseTo(22 / 1024.0, within(1e-12));
        assertThat(Comparison.mcNemar(1, 9)).isEqualTo(Comparison.mcNemar(9, 1));
        assertThat(Comparison.mcNemar(5, 5)).isEqualTo(1);
        assertThat(Comparison.mcNemar(0, 0)).isEqualTo(1);
        assertThat(Comparison.mcNemar(20, 0)).isCloseTo(Math.pow(2, -19), within(1e-15));
    }

    @Test
    void discordantPairsAreCountedAndTheDifferenceIsTheirs() {
        boolean[][] first = runs(1, 1, 1, 0, 1, 0);
        boolean[][] second = runs(1, 0, 0, 1, 1, 0);
        var comparison = Comparison.of(first, second, bootstrap);

        assertThat(comparison.onlyFirst()).isEqualTo(2);
        assertThat(comparison.onlySecond()).isEqualTo(1);
        assertThat(comparison.difference().estimate()).isCloseTo(1 / 6.0, within(1e-12));
        assertThat(comparison.pValue()).isEqualTo(Comparison.mcNemar(2, 1));
    }

    @Test
    void aMethodDoesNotDifferFromItself() {
        boolean[][] runs = {{true, false}, {true, true}, {false, false}};
        var comparison = Comparison.of(runs, runs, bootstrap);

        assertThat(comparison.difference()).isEqualTo(new Interval(0, 0, 0));
        assertThat(comparison.significant()).isFalse();
        assertThat(comparison.pValue()).isEqualTo(1);
    }

    /** Right on every problem against wrong on every problem: no replicate can say otherwise. */
    @Test
    void whatIsAlwaysBetterIsSignificant() {
        boolean[][] right = {{true, true}, {true, true}};
        boolean[][] wrong = {{false, false}, {false, false}};
        var comparison = Comparison.of(right, wrong, bootstrap);

        assertThat(comparison.significant()).isTrue();
        assertThat(comparison.pValue()).isEqualTo(1.0 / bootstrap.replicates());
    }

    @Test
    void otherProblemsCannotBeCompared() {
        assertThatThrownBy(() -> Comparison.of(runs(1, 0), runs(1), bootstrap))
                .hasMessageStartingWith("two methods must have the same problems and seeds to be compared");
    }

    private static boolean[][] runs(int... right) {
        return IntStream.of(right)
                .mapToObj(verdict -> new boolean[] {verdict == 1})
                .toArray(boolean[][]::new);
    }
}
