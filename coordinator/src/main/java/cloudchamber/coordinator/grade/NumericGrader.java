package cloudchamber.coordinator.grade;

import cloudchamber.coordinator.grade.algebra.Complex;
import cloudchamber.coordinator.grade.algebra.Expression;
import cloudchamber.coordinator.grade.algebra.Normal;
import cloudchamber.coordinator.grade.algebra.Numeric;
import cloudchamber.coordinator.grade.algebra.Polynomial;
import cloudchamber.coordinator.grade.algebra.Quantity;
import cloudchamber.coordinator.grade.algebra.Relations;
import cloudchamber.coordinator.grade.algebra.Steps;
import cloudchamber.coordinator.grade.algebra.Unreadable;
import cloudchamber.coordinator.grade.algebra.Value;
import java.util.Optional;

/**
 * Compares answers as numbers that may differ a little. What is no number is compared as {@code math} does.
 *
 * @param id the name it was asked for by
 * @param tolerance at least 0; the largest difference, or the largest ratio of the difference to the
 *     larger number
 * @param relative which of the two
 * @param math finds the answers, and compares what is no number
 */
record NumericGrader(String id, double tolerance, boolean relative, MathGrader math) implements Grader {
    /*
     * The difference itself carries rounding: 0.3 and 0.2 differ by a little less or more than 0.1 in
     * doubles, so a difference of exactly the tolerance passes by this margin.
     */
    private static final double MARGIN = 1e-12;

    NumericGrader {
        if (!(tolerance >= 0) || Double.isInfinite(tolerance)) {
            throw new IllegalArgumentException("the tolerance of a numeric grader must be at least 0: was " + id);
        }
    }

    @Override
    public Optional<String> extract(String text) {
        return math.extract(text);
    }

    @Override
    public boolean complete(String text) {
        return math.complete(text);
    }

    @Override
    public boolean equivalent(String first, String second) {
        Optional<Double> left = number(first);
        Optional<Double> right = number(second);
        if (left.isEmpty() || right.isEmpty()) {
            return math.equivalent(first, second);
        }
        double size = Math.max(Math.abs(left.get()), Math.abs(right.get()));
        double allowed = relative ? tolerance * size : tolerance;
        return Math.abs(left.get() - right.get()) <= allowed + MARGIN * size;
    }

    @Override
    public String canonical(String answer) {
        return math.canonical(answer);
    }

    private Optional<Double> number(String answer) {
        Value read = math.read(answer, new Steps());
        Value value = Relations.named(read).map(Relations.Named::value).orElse(read);
        if (!(value instanceof Value.Scalar(Expression expression))) {
            return Optional.empty();
        }
        try {
            var steps = new Steps();
            Polynomial bare = Quantity.of(Normal.of(expression, steps)).value();
            return Numeric.constant(bare, steps).filter(Complex::isReal).map(Complex::re);
        } catch (Unreadable tooCostly) {
            return Optional.empty();
        }
    }
}
