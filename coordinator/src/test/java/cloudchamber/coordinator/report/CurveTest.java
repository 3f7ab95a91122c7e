package cloudchamber.coordinator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.report.ScalingRate.Bound;
import cloudchamber.coordinator.report.ScalingRate.Kind;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CurveTest {
    private static final List<Integer> BUDGETS = List.of(1, 4, 16, 64);
    private static final int PROBLEMS = 100;

    private final Bootstrap bootstrap = new Bootstrap(3, 500);

    /** Pooling neighbours that fall: (.4, .3) to .35; (.6, .2, .4) to .4. */
    @Test
    void isotonicFitPoolsWhatFalls() {
        assertThat(fitted(0.1, 0.4, 0.3, 0.5)).containsExactly(new double[] {0.1, 0.35, 0.35, 0.5}, within(1e-12));
        assertThat(fitted(0.6, 0.2, 0.4)).containsExactly(new double[] {0.4, 0.4, 0.4}, within(1e-12));
        assertThat(fitted(0.1, 0.2, 0.3)).containsExactly(0.1, 0.2, 0.3);
    }

    @Test
    void budgetsAreInterpolatedInLogarithms() {
        var curve = new Curve(BUDGETS, List.of(0.1, 0.3, 0.5, 0.5));
        assertThat(curve.logBudget(0.1)).isEqualTo(0);
        assertThat(curve.logBudget(0.2)).isCloseTo(1, within(1e-12));
        assertThat(curve.logBudget(0.5)).isCloseTo(4, within(1e-12));
        assertThat(curve.logBudget(0.6)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(curve.logBudget(0.05)).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    /** The same curve, a factor of 4 to the left: right on 10, 30, 50, 70 of 100 problems against 0, 10, 30, 50. */
    @Test
    void aCurveShiftedByAFactorOfFourHasRateFour() {
        var method = accuracies(10, 30, 50, 70);
        var baseline = accuracies(0, 10, 30, 50);
        var rate = ScalingRate.of(method, baseline, bootstrap);

        assertThat(rate.accuracy()).isEqualTo(0.5);
        assertThat(rate.rate().kind()).isEqualTo(Kind.EXACT);
        assertThat(rate.rate().value()).isCloseTo(4, within(1e-9));
        assertThat(rate.low().value()).isLessThanOrEqualTo(4.000001);
        assertThat(rate.high().value()).isGreaterThanOrEqualTo(3.999999);
    }

    @Test
    void aMethodScalesAsItself() {
        var same = accuracies(10, 30, 50, 70);
        var rate = ScalingRate.of(same, same, bootstrap);

        assertThat(rate.rate()).isEqualTo(new Bound(Kind.EXACT, 1));
        assertThat(rate.low()).isEqualTo(new Bound(Kind.EXACT, 1));
        assertThat(rate.high()).isEqualTo(new Bound(Kind.EXACT, 1));
    }

    @Test
    void whatCannotBeSeenIsCensored() {
        var good = accuracies(90, 91, 92, 93);
        var poor = accuracies(10, 20, 30, 40);

        assertThat(ScalingRate.of(good, poor, bootstrap).rate()).hasToString("> 64.0");
        assertThat(ScalingRate.of(good, poor, bootstrap).low()).hasToString("> 64.0");
        assertThat(ScalingRate.of(poor, good, bootstrap).rate()).hasToString("< 1.00");
    }

    @Test
    void referencesAreReachedOrNot() {
        var accuracies = accuracies(10, 30, 50, 70);
        assertThat(accuracies.budgetToReach(0.4).orElseThrow()).isCloseTo(8, within(1e-9));
        assertThat(accuracies.budgetToReach(0.05).orElseThrow()).isEqualTo(1);
        assertThat(accuracies.budgetToReach(0.71)).isEmpty();
    }

    @Test
    void thePlateauStartsWhereNothingMoreIsGained() {
        assertThat(accuracies(10, 50, 70, 70).plateau(bootstrap)).isEqualTo(OptionalInt.of(16));
        assertThat(accuracies(70, 70, 70, 70).plateau(bootstrap)).isEqualTo(OptionalInt.of(1));
        assertThat(accuracies(10, 30, 50, 90).plateau(bootstrap)).isEqualTo(OptionalInt.of(64));
    }

    private static double[] fitted(double... values) {
        return Curve.isotonic(values).stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Right on the first so many of 100 problems. */
    private static Accuracies accuracies(int... right) {
        var runs = new boolean[right.length][PROBLEMS][1];
        for (int budget = 0; budget < right.length; budget++) {
            for (int problem = 0; problem < PROBLEMS; problem++) {
                runs[budget][problem][0] = problem < right[budget];
            }
        }
        return new Accuracies(BUDGETS, runs);
    }
}
