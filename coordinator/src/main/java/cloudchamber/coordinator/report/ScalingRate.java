package cloudchamber.coordinator.report;

import java.util.Locale;

/**
 * How many times the generations one method needs another needs for the same accuracy: the best the other reaches.
 *
 * @param accuracy at which the budgets are compared: the fitted accuracy of the other at its largest budget
 * @param rate the other's budget over this one's
 * @param low the lower end of its 95 % interval over problems
 * @param high the upper end
 */
public record ScalingRate(double accuracy, Bound rate, Bound low, Bound high) {
    /*
     * Both curves are fitted, inverted and divided on every replicate anew, on the same problems. Where a method
     * does better than asked with the least budget measured, the ratio is larger than those at hand can show, and
     * the value is censored from below; where it never gets there, from above. On the logarithmic scale censored
     * values are kept apart by a constant no ratio of budgets comes near, so that they sort beyond all others and
     * still know their bound.
     */
    private static final double BEYOND = 1000;

    /** How a value is known. */
    public enum Kind {
        EXACT,
        /** The true value is larger. */
        MORE_THAN,
        /** The true value is smaller. */
        LESS_THAN
    }

    /** A value, or the most that is known of it. */
    public record Bound(Kind kind, double value) {
        @Override
        public String toString() {
            var number = String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
            return switch (kind) {
                case EXACT -> number;
                case MORE_THAN -> "> " + number;
                case LESS_THAN -> "< " + number;
            };
        }
    }

    /**
     * @param method how often it is right
     * @param baseline the same of the other, on the same problems
     */
    public static ScalingRate of(Accuracies method, Accuracies baseline, Bootstrap bootstrap) {
        if (method.problems() != baseline.problems()) {
            throw new IllegalArgumentException("two methods must have the same problems to be compared: had "
                    + method.problems() + " and " + baseline.problems());
        }
        var interval = bootstrap.interval(
                method.problems(), problems -> logRate(method.curve(problems), baseline.curve(problems)));
        return new ScalingRate(
                baseline.curve().best(), bound(interval.estimate()), bound(interval.low()), bound(interval.high()));
    }

    /** log₂ of the rate; what is censored from below is moved up by {@link #BEYOND}, from above down by it. */
    static double logRate(Curve method, Curve baseline) {
        double mine = method.logBudget(baseline.best());
        double others = baseline.logBudget(baseline.best());
        if (mine == Double.NEGATIVE_INFINITY) {
            return others - Curve.log2(method.budgets().getFirst()) + BEYOND;
        }
        return mine == Double.POSITIVE_INFINITY
                ? others - Curve.log2(method.budgets().getLast()) - BEYOND
                : others - mine;
    }

    private static Bound bound(double log) {
        if (log > BEYOND / 2) {
            return new Bound(Kind.MORE_THAN, Math.pow(2, log - BEYOND));
        }
        return log < -BEYOND / 2
                ? new Bound(Kind.LESS_THAN, Math.pow(2, log + BEYOND))
                : new Bound(Kind.EXACT, Math.pow(2, log));
    }
}
