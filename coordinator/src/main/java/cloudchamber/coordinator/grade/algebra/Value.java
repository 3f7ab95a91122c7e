package cloudchamber.coordinator.grade.algebra;

import java.util.ArrayList;
import java.util.List;

/** An answer as it was understood. */
public sealed interface Value {

    /** A number, a quantity or an expression. */
    record Scalar(Expression expression) implements Value {}

    /**
     * Elements in brackets whose order counts: a point, or an interval.
     *
     * @param open {@code (} or {@code [}
     * @param close {@code )} or {@code ]}
     */
    record Group(char open, char close, List<Value> elements) implements Value {
        public Group {
            elements = List.copyOf(elements);
        }
    }

    /** Answers whose order does not count: a set, or several solutions. */
    record Several(List<Value> elements, boolean braced) implements Value {
        public Several {
            elements = List.copyOf(elements);
        }
    }

    /** Sets or intervals joined. @param operator {@code cup}, {@code cap} or {@code setminus} */
    record Joined(String operator, List<Value> parts) implements Value {
        public Joined {
            parts = List.copyOf(parts);
        }
    }

    /** @param rows at least one; each of the same length */
    record Matrix(List<List<Value>> rows) implements Value {
        public Matrix {
            rows = rows.stream().map(List::copyOf).toList();
        }

        Matrix scaled(Expression scale) throws Unreadable {
            List<List<Value>> scaledRows = new ArrayList<>();
            for (List<Value> row : rows) {
                List<Value> scaled = new ArrayList<>();
                for (Value entry : row) {
                    scaled.add(new Scalar(Expression.product(scale, scalar(entry))));
                }
                scaledRows.add(scaled);
            }
            return new Matrix(scaledRows);
        }
    }

    /** The number, quantity or expression that a value is. */
    static Expression scalar(Value value) throws Unreadable {
        if (value instanceof Scalar(Expression expression)) {
            return expression;
        }
        throw new Unreadable("a number was expected: was " + value.getClass().getSimpleName());
    }

    /** A chain of relations. @param sides one more than there are operators */
    record Relation(List<Value> sides, List<Operator> operators) implements Value {
        public Relation {
            sides = List.copyOf(sides);
            operators = List.copyOf(operators);
        }
    }

    /**
     * A time of day.
     *
     * @param seconds since the last noon or midnight
     * @param half of the day
     */
    record Time(int seconds, Half half) implements Value {}

    /** Which half of the day a time is of. */
    enum Half {
        MORNING,
        AFTERNOON,
        /** Left out. */
        EITHER
    }

    /** An answer in words: lower case, single blanks. */
    record Words(String words) implements Value {}

    /** What could not be read. @param spelling without blanks and layout commands */
    record Unread(String spelling) implements Value {}

    /** How two sides relate. */
    enum Operator {
        EQUAL,
        UNEQUAL,
        LESS,
        AT_MOST,
        GREATER,
        AT_LEAST,
        IN,
        ABOUT;

        /** The same relation with its sides exchanged; of no use for {@link #IN}. */
        Operator flipped() {
            return switch (this) {
                case LESS -> GREATER;
                case AT_MOST -> AT_LEAST;
                case GREATER -> LESS;
                case AT_LEAST -> AT_MOST;
                case EQUAL, UNEQUAL, IN, ABOUT -> this;
            };
        }
    }
}
