package cloudchamber.coordinator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DrawsTest {

    /** The mean over all C(n, k) subsets of whether one holds a right generation. */
    @Test
    void passAtKIsTheShareOfSubsetsWithARightOne() {
        for (int total = 1; total <= 8; total++) {
            for (int right = 0; right <= total; right++) {
                for (int k = 1; k <= total; k++) {
                    int c = right;
                    int size = k;
                    var subsets = IntStream.range(0, 1 << total)
                            .filter(set -> Integer.bitCount(set) == size)
                            .toArray();
                    long hit = IntStream.of(subsets)
                            .filter(set -> (set & ((1 << c) - 1)) != 0)
                            .count();
                    assertThat(Draws.passAtK(total, right, k)).isCloseTo((double) hit / subsets.length, within(1e-12));
                }
            }
        }
    }

    @Test
    void passAtOneIsTheShareOfRightOnes() {
        var draws = new Draws(List.of(0, 1, 0, -1), List.of(1.0, 1.0, 1.0, 1.0), List.of(true, false, true, false));
        assertThat(draws.passAtK(1)).isCloseTo(0.5, within(1e-12));
        assertThat(draws.passAtK(4)).isEqualTo(1);
    }

    /** Blocks of 3: (A A B) elects A, (B B A) elects B; only A is right. What has no answer has no vote. */
    @Test
    void votesAreMeansOverBlocks() {
        var groups = List.of(0, 0, 1, 1, 1, 0, -1);
        var right = List.of(true, true, false, false, false, true, false);
        var even = List.of(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 9.0);
        assertThat(new Draws(groups, even, right).majorityAtK(3)).isEqualTo(0.5);
        assertThat(new Draws(groups, even, right).majorityAtK(7)).isEqualTo(1);

        var heavy = List.of(1.0, 1.0, 6.0, 1.0, 1.0, 5.0, 9.0);
        assertThat(new Draws(groups, heavy, right).weightedAtK(3)).isEqualTo(0.5);
        assertThat(new Draws(groups, heavy, right).weightedAtK(6)).isEqualTo(0);
        assertThat(new Draws(groups, heavy, right).majorityAtK(6)).isEqualTo(1);
    }

    @Test
    void noAnswerIsNeverElected() {
        var draws = new Draws(List.of(-1, -1), List.of(1.0, 1.0), List.of(false, false));
        assertThat(draws.majorityAtK(2)).isEqualTo(0);
    }

    @Test
    void moreThanThereAreIsRefused() {
        assertThatThrownBy(() -> Draws.passAtK(4, 1, 5)).hasMessageStartingWith("k must be in [1, n]");
    }
}
