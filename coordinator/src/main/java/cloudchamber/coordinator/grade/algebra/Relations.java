package cloudchamber.coordinator.grade.algebra;

import cloudchamber.coordinator.grade.algebra.Expression.Constant;
import cloudchamber.coordinator.grade.algebra.Expression.Product;
import cloudchamber.coordinator.grade.algebra.Expression.Symbol;
import cloudchamber.coordinator.grade.algebra.Value.Group;
import cloudchamber.coordinator.grade.algebra.Value.Joined;
import cloudchamber.coordinator.grade.algebra.Value.Operator;
import cloudchamber.coordinator.grade.algebra.Value.Relation;
import cloudchamber.coordinator.grade.algebra.Value.Scalar;
import cloudchamber.coordinator.grade.algebra.Value.Several;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** What a relation says of one name: {@code x = 5}, {@code x \in [0, 1]}, {@code 0 \le x < 1}. */
public final class Relations {
    private static final Value INFINITY = new Scalar(Constant.INFINITY);
    private static final Value MINUS_INFINITY = new Scalar(Constant.INFINITY.negated());

    /** All real numbers. */
    static final Value REALS = interval('(', MINUS_INFINITY, INFINITY, ')');

    private Relations() {}

    /** A value or a set of values, and the name it belongs to. */
    public record Named(String name, Value value) {}

    /** The one name a relation is about, and its value or interval; empty if it says something else. */
    public static Optional<Named> named(Value value) {
        if (!(value instanceof Relation(List<Value> sides, List<Operator> operators))) {
            return Optional.empty();
        }
        Value left = sides.getFirst();
        Value right = sides.getLast();
        if (operators.stream().allMatch(operator -> operator == Operator.EQUAL || operator == Operator.ABOUT)) {
            return nameOf(left)
                    .map(name -> new Named(name, right))
                    .or(() -> sides.size() == 2 ? nameOf(right).map(name -> new Named(name, left)) : Optional.empty());
        }
        if (sides.size() == 2) {
            return nameOf(left)
                    .flatMap(name -> within(operators.getFirst(), right).map(range -> new Named(name, range)))
                    .or(() -> nameOf(right)
                            .flatMap(name -> operators.getFirst() == Operator.IN
                                    ? Optional.empty()
                                    : within(operators.getFirst().flipped(), left)
                                            .map(range -> new Named(name, range))));
        }
        return sides.size() == 3
                ? nameOf(sides.get(1))
                        .flatMap(name -> between(left, operators, right).map(range -> new Named(name, range)))
                : Optional.empty();
    }

    /** A symbol, a point of symbols, or a measure such as AB. */
    static Optional<String> nameOf(Value value) {
        return switch (value) {
            case Scalar(Symbol(String name)) -> Optional.of(name);
            case Scalar(Product(List<Expression> factors)) -> {
                var name = new StringBuilder();
                for (Expression factor : factors) {
                    if (!(factor instanceof Symbol(String part)) || !isPartOfName(part)) {
                        yield Optional.empty();
                    }
                    name.append(part);
                }
                yield Optional.of(name.toString());
            }
            case Group(char open, char close, List<Value> elements)
            when open == '(' && close == ')' -> {
                var name = new StringBuilder("(");
                for (Value element : elements) {
                    if (!(element instanceof Scalar(Symbol(String letter)))) {
                        yield Optional.empty();
                    }
                    name.append(letter).append(',');
                }
                yield Optional.of(name.append(')').toString());
            }
            case Scalar other -> Optional.empty();
            case Group other -> Optional.empty();
            case Several other -> Optional.empty();
            case Joined other -> Optional.empty();
            case Value.Matrix other -> Optional.empty();
            case Relation other -> Optional.empty();
            case Value.Time other -> Optional.empty();
            case Value.Words other -> Optional.empty();
            case Value.Unread other -> Optional.empty();
        };
    }

    /** AB is a distance, and m\angle A an angle; xy is a product. */
    private static boolean isPartOfName(String symbol) {
        return Character.isUpperCase(symbol.charAt(0)) || symbol.startsWith("\\angle") || symbol.equals("m");
    }

    private static Optional<Value> within(Operator operator, Value bound) {
        return switch (operator) {
            case IN -> Optional.of(bound);
            case LESS -> Optional.of(interval('(', MINUS_INFINITY, bound, ')'));
            case AT_MOST -> Optional.of(interval('(', MINUS_INFINITY, bound, ']'));
            case GREATER -> Optional.of(interval('(', bound, INFINITY, ')'));
            case AT_LEAST -> Optional.of(interval('[', bound, INFINITY, ')'));
            case UNEQUAL -> Optional.of(without(List.of(bound)));
            case EQUAL, ABOUT -> Optional.empty();
        };
    }

    /** {@code \mathbb{R} \setminus \{1, 2\}} as intervals; empty if the difference is another. */
    static Optional<Value> realsWithout(Value from, Value removed, Steps steps) throws Unreadable {
        if (!from.equals(REALS) || !(removed instanceof Several(List<Value> elements, boolean braced) && braced)) {
            return Optional.empty();
        }
        var gaps = new TreeMap<Double, Value>();
        for (Value element : elements) {
            if (!(element instanceof Scalar(Expression expression))) {
                return Optional.empty();
            }
            Optional<Complex> number =
                    Numeric.constant(Normal.of(expression, steps), steps).filter(Complex::isReal);
            if (number.isEmpty()) {
                return Optional.empty();
            }
            gaps.put(number.get().re(), element);
        }
        return Optional.of(without(List.copyOf(gaps.values())));
    }

    /** The real numbers but for some. @param gaps in rising order */
    static Value without(List<Value> gaps) {
        List<Value> intervals = new ArrayList<>();
        Value low = MINUS_INFINITY;
        for (Value gap : gaps) {
            intervals.add(interval('(', low, gap, ')'));
            low = gap;
        }
        intervals.add(interval('(', low, INFINITY, ')'));
        return intervals.size() == 1 ? REALS : new Joined("cup", intervals);
    }

    private static Optional<Value> between(Value left, List<Operator> operators, Value right) {
        Operator first = operators.getFirst();
        Operator second = operators.getLast();
        boolean rising = (first == Operator.LESS || first == Operator.AT_MOST)
                && (second == Operator.LESS || second == Operator.AT_MOST);
        boolean falling = (first == Operator.GREATER || first == Operator.AT_LEAST)
                && (second == Operator.GREATER || second == Operator.AT_LEAST);
        if (rising) {
            return Optional.of(
                    interval(first == Operator.LESS ? '(' : '[', left, right, second == Operator.LESS ? ')' : ']'));
        }
        return falling
                ? Optional.of(interval(
                        second == Operator.GREATER ? '(' : '[', right, left, first == Operator.GREATER ? ')' : ']'))
                : Optional.empty();
    }

    private static Value interval(char open, Value low, Value high, char close) {
        return new Group(open, close, List.of(low, high));
    }
}
