package cloudchamber.coordinator.grade.algebra;

import java.util.List;

/** A scalar expression as it was written. Differences, quotients and roots are sums, powers and powers. */
public sealed interface Expression {

    /** An exact number. */
    record Numeral(Rational value) implements Expression {}

    /** A name that stands for any number: {@code x}, {@code \theta}, {@code a_1}. */
    record Symbol(String name) implements Expression {}

    /** A unit of measure or of counting, in the singular: {@code centimeter}, {@code dollar}, {@code apple}. */
    record Unit(String name) implements Expression {}

    /** A number with a name of its own. */
    enum Constant implements Expression {
        PI,
        E,
        I,
        INFINITY,
        /** The degree sign: a unit at the end of an answer, &pi;/180 inside a function. */
        DEGREE,
        /** The percent sign: a unit at the end of an answer, 1/100 elsewhere. */
        PERCENT
    }

    /** @param terms at least two */
    record Sum(List<Expression> terms) implements Expression {
        public Sum {
            terms = List.copyOf(terms);
        }
    }

    /** @param factors at least two */
    record Product(List<Expression> factors) implements Expression {
        public Product {
            factors = List.copyOf(factors);
        }
    }

    record Power(Expression base, Expression exponent) implements Expression {}

    /** A function of one or two arguments, named as in LaTeX without the backslash. */
    record Call(String function, List<Expression> arguments) implements Expression {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    Expression MINUS_ONE = new Numeral(Rational.of(-1));
    Expression HALF = new Numeral(Rational.of(1, 2));

    static Expression number(long value) {
        return new Numeral(Rational.of(value));
    }

    static Expression product(Expression... factors) {
        return new Product(List.of(factors));
    }

    default Expression negated() {
        return this instanceof Numeral(Rational value) ? new Numeral(value.negated()) : product(MINUS_ONE, this);
    }

    default Expression over(Expression divisor) {
        return product(this, new Power(divisor, MINUS_ONE));
    }
}
