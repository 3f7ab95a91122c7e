package cloudchamber.coordinator.grade.algebra;

import static java.util.stream.Collectors.joining;

import cloudchamber.coordinator.grade.algebra.Value.Group;
import cloudchamber.coordinator.grade.algebra.Value.Joined;
import cloudchamber.coordinator.grade.algebra.Value.Matrix;
import cloudchamber.coordinator.grade.algebra.Value.Operator;
import cloudchamber.coordinator.grade.algebra.Value.Relation;
import cloudchamber.coordinator.grade.algebra.Value.Scalar;
import cloudchamber.coordinator.grade.algebra.Value.Several;
import cloudchamber.coordinator.grade.algebra.Value.Unread;
import cloudchamber.coordinator.grade.algebra.Value.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether two answers as understood are the same, under a profile. */
public final class Comparison {
    /*
     * Strict is symmetric and, but for omitted units, transitive: 50% is both 50 (its sign left out) and
     * 1/2 (its sign worked out), and those two are not the same.
     *
     * Paper is the rule behind the published numbers [1]: numbers agree within a relative 1e-4, also
     * after a factor of 100 either way, and the type of a bracket does not count.
     *
     * [1] Puri et al., arXiv 2502.01618, whose evaluation uses the math_equal of Qwen2.5-Math.
     */
    private static final double PAPER_TOLERANCE = 1e-4;

    private final Profile profile;
    private final Edition edition;
    private final Steps steps;

    public Comparison(Profile profile, Edition edition, Steps steps) {
        this.profile = profile;
        this.edition = edition;
        this.steps = steps;
    }

    /**
     * Whether two values are the same.
     *
     * @throws Unreadable if that cannot be said in the steps there are
     */
    public boolean same(Value first, Value second) throws Unreadable {
        Optional<Relations.Named> left = Relations.named(first);
        Optional<Relations.Named> right = Relations.named(second);
        if (left.isPresent() && right.isPresent()) {
            boolean sameName = left.get().name().equals(right.get().name());
            return sameName && same(left.get().value(), right.get().value()) || sameStructure(first, second);
        }
        if (left.isPresent() && !(second instanceof Relation)) {
            return same(left.get().value(), second);
        }
        if (right.isPresent() && !(first instanceof Relation)) {
            return same(first, right.get().value());
        }
        return sameStructure(first, second);
    }

    private boolean sameStructure(Value first, Value second) throws Unreadable {
        return switch (first) {
            case Scalar(Expression left) ->
                switch (second) {
                    case Scalar(Expression right) -> sameScalar(left, right);
                    case Several several -> isOnly(several, first);
                    case Group g -> false;
                    case Joined j -> false;
                    case Matrix m -> false;
                    case Relation r -> false;
                    case Value.Time t -> false;
                    case Words w -> false;
                    case Unread u -> false;
                };
            case Group left ->
                switch (second) {
                    case Group right -> sameBrackets(left, right) && sameInOrder(left.elements(), right.elements());
                    case Matrix right -> profile == Profile.PAPER && isColumn(right, left);
                    case Several several -> isOnly(several, first);
                    case Scalar s -> false;
                    case Joined j -> false;
                    case Relation r -> false;
                    case Value.Time t -> false;
                    case Words w -> false;
                    case Unread u -> false;
                };
            case Several left ->
                second instanceof Several right
                        ? sameInAnyOrder(left.elements(), right.elements())
                        : isOnly(left, second);
            case Joined left -> second instanceof Joined right && sameJoined(left, right);
            case Matrix left ->
                second instanceof Matrix right && sameMatrix(left, right)
                        || profile == Profile.PAPER && second instanceof Group group && isColumn(left, group);
            case Relation left -> second instanceof Relation right && sameRelation(left, right);
            case Value.Time left -> second instanceof Value.Time right && sameTime(left, right);
            case Words left -> left.equals(second);
            case Unread left -> second instanceof Unread && key(left).equals(key(second));
        };
    }

    // ---- numbers

    private boolean sameScalar(Expression first, Expression second) throws Unreadable {
        Quantity left = Quantity.of(Normal.of(first, steps));
        Quantity right = Quantity.of(Normal.of(second, steps));
        if (left.units().equals(right.units())) {
            return sameNumber(left.value(), right.value());
        }
        if (left.isBare() || right.isBare()) {
            Quantity bare = left.isBare() ? left : right;
            Quantity other = left.isBare() ? right : left;
            Optional<Polynomial> worth = profile == Profile.STRICT ? other.withoutSign(steps) : Optional.empty();
            return sameNumber(bare.value(), other.value())
                    || worth.isPresent() && sameNumber(bare.value(), worth.get());
        }
        Quantity leftBase = left.inBaseUnits();
        Quantity rightBase = right.inBaseUnits();
        return leftBase.units().equals(rightBase.units()) && sameNumber(leftBase.value(), rightBase.value());
    }

    private boolean sameNumber(Polynomial first, Polynomial second) throws Unreadable {
        if (first.equals(second)) {
            return true;
        }
        if (profile == Profile.PAPER && near(first, second)) {
            return true;
        }
        return !(first.isExact() && second.isExact()) && Numeric.same(first, second, edition, steps);
    }

    private boolean near(Polynomial first, Polynomial second) throws Unreadable {
        Optional<Complex> left = Numeric.constant(first, steps).filter(Complex::isReal);
        Optional<Complex> right = Numeric.constant(second, steps).filter(Complex::isReal);
        if (left.isEmpty() || right.isEmpty()) {
            return false;
        }
        double x = left.get().re();
        double y = right.get().re();
        return near(x, y) || near(x, 100 * y) || near(100 * x, y);
    }

    private static boolean near(double x, double y) {
        return Math.abs(x - y) <= PAPER_TOLERANCE * Math.max(Math.abs(x), Math.abs(y));
    }

    // ---- structures

    /** A half of the day that one of two times leaves out is no difference. */
    private static boolean sameTime(Value.Time first, Value.Time second) {
        return first.seconds() == second.seconds()
                && (first.half() == second.half()
                        || first.half() == Value.Half.EITHER
                        || second.half() == Value.Half.EITHER);
    }

    private boolean sameBrackets(Group first, Group second) {
        return profile == Profile.PAPER || first.open() == second.open() && first.close() == second.close();
    }

    private boolean sameInOrder(List<Value> first, List<Value> second) throws Unreadable {
        if (first.size() != second.size()) {
            return false;
        }
        for (int index = 0; index < first.size(); index++) {
            if (!same(first.get(index), second.get(index))) {
                return false;
            }
        }
        return true;
    }

    private boolean sameInAnyOrder(List<Value> first, List<Value> second) throws Unreadable {
        List<Value> left = distinct(first);
        List<Value> right = distinct(second);
        if (left.size() != right.size()) {
            return false;
        }
        for (Value value : left) {
            int match = 0;
            while (match < right.size() && !same(value, right.get(match))) {
                match++;
            }
            if (match == right.size()) {
                return false;
            }
            right.remove(match);
        }
        return true;
    }

    private List<Value> distinct(List<Value> values) throws Unreadable {
        List<Value> distinct = new ArrayList<>();
        for (Value value : values) {
            boolean known = false;
            for (Value earlier : distinct) {
                known = known || same(earlier, value);
            }
            if (!known) {
                distinct.add(value);
            }
        }
        return distinct;
    }

    /** A set of one answer is that answer only to the paper; one answer said twice always is. */
    private boolean isOnly(Several several, Value value) throws Unreadable {
        List<Value> distinct = distinct(several.elements());
        return (!several.braced() || profile == Profile.PAPER)
                && distinct.size() == 1
                && same(distinct.getFirst(), value);
    }

    private boolean sameJoined(Joined first, Joined second) throws Unreadable {
        if (!first.operator().equals(second.operator())) {
            return false;
        }
        return first.operator().equals("setminus")
                ? sameInOrder(first.parts(), second.parts())
                : sameInAnyOrder(first.parts(), second.parts());
    }

    private boolean sameMatrix(Matrix first, Matrix second) throws Unreadable {
        if (first.rows().size() != second.rows().size()) {
            return false;
        }
        for (int row = 0; row < first.rows().size(); row++) {
            if (!sameInOrder(first.rows().get(row), second.rows().get(row))) {
                return false;
            }
        }
        return true;
    }

    private boolean isColumn(Matrix matrix, Group group) throws Unreadable {
        List<Value> entries = matrix.rows().stream().flatMap(List::stream).toList();
        boolean vector = matrix.rows().size() == 1 || matrix.rows().getFirst().size() == 1;
        return vector && sameInOrder(entries, group.elements());
    }

    private boolean sameRelation(Relation first, Relation second) throws Unreadable {
        boolean shape = first.operators().size() == 1 && second.operators().size() == 1;
        if (!shape) {
            return first.operators().equals(second.operators()) && sameInOrder(first.sides(), second.sides());
        }
        Operator left = first.operators().getFirst();
        Operator right = second.operators().getFirst();
        boolean flipped = left != right && left == right.flipped();
        if (left != right && !flipped) {
            return false;
        }
        if (left == Operator.IN || left == Operator.ABOUT) {
            return sameInOrder(first.sides(), second.sides());
        }
        boolean positive = left != Operator.EQUAL && left != Operator.UNEQUAL;
        Optional<Polynomial> here = difference(first, false);
        Optional<Polynomial> there = difference(second, flipped);
        if (here.isPresent() && there.isPresent()) {
            return proportional(here.get(), there.get(), positive);
        }
        return !flipped && sameInOrder(first.sides(), second.sides());
    }

    /** Left minus right of a relation between numbers, or right minus left. */
    private Optional<Polynomial> difference(Relation relation, boolean flipped) throws Unreadable {
        if (!(relation.sides().getFirst() instanceof Scalar(Expression left)
                && relation.sides().getLast() instanceof Scalar(Expression right))) {
            return Optional.empty();
        }
        Polynomial difference =
                Normal.of(left, steps).plus(Normal.of(right, steps).times(Rational.of(-1)), steps);
        return Optional.of(flipped ? difference.times(Rational.of(-1)) : difference);
    }

    private boolean proportional(Polynomial first, Polynomial second, boolean positive) throws Unreadable {
        if (first.isZero() || second.isZero()) {
            return first.isZero() && second.isZero();
        }
        Rational ratio = first.leading().over(second.leading());
        if ((!positive || ratio.signum() > 0) && first.equals(second.times(ratio))) {
            return true;
        }
        return !(first.isExact() && second.isExact()) && Numeric.proportional(first, second, positive, edition, steps);
    }

    // ---- keys

    /**
     * Equal for values that are the same by form.
     *
     * @throws Unreadable if the value has no form within the limits
     */
    public String key(Value value) throws Unreadable {
        Optional<Relations.Named> named = Relations.named(value);
        if (named.isPresent()) {
            return named.get().name() + " is " + key(named.get().value());
        }
        return switch (value) {
            case Scalar(Expression expression) -> key(expression);
            case Group(char open, char close, List<Value> elements) -> open + String.join(", ", keys(elements)) + close;
            case Several(List<Value> elements, boolean braced) -> {
                List<String> keys = keys(elements).stream().distinct().sorted().toList();
                boolean one = keys.size() == 1;
                yield one && !braced ? keys.getFirst() : (one ? "set {" : "{") + String.join(", ", keys) + "}";
            }
            case Joined(String operator, List<Value> parts) -> {
                List<String> keys = keys(parts);
                if (!operator.equals("setminus")) {
                    keys.sort(null);
                }
                yield String.join(" " + operator + " ", keys);
            }
            case Matrix(List<List<Value>> rows) -> {
                var key = new StringBuilder("matrix");
                for (List<Value> row : rows) {
                    key.append(" [").append(String.join(", ", keys(row))).append(']');
                }
                yield key.toString();
            }
            case Relation(List<Value> sides, List<Operator> operators) ->
                operators.stream().map(Operator::name).collect(joining(" ")) + ": " + String.join(", ", keys(sides));
            case Value.Time(int seconds, Value.Half half) -> "time " + seconds + " " + half;
            case Words(String words) -> '"' + words + '"';
            case Unread(String spelling) ->
                "unread " + (profile == Profile.PAPER ? spelling.toLowerCase(Locale.ROOT) : spelling);
        };
    }

    private List<String> keys(List<Value> values) throws Unreadable {
        List<String> keys = new ArrayList<>();
        for (Value value : values) {
            keys.add(key(value));
        }
        return keys;
    }

    private String key(Expression expression) throws Unreadable {
        Quantity quantity = Quantity.of(Normal.of(expression, steps));
        return quantity.value().key()
                + quantity.units().entrySet().stream()
                        .map(unit -> " " + unit.getKey() + "^" + unit.getValue())
                        .collect(joining());
    }
}
