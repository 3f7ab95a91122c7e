package cloudchamber.prompt.jinja;

import java.util.List;
import java.util.Map;

/** A parsed expression. */
sealed interface Expression {
    record Literal(Object value) implements Expression {}

    record Name(String name) implements Expression {}

    record ListOf(List<Expression> items) implements Expression {}

    /** @param entries keys and values in order */
    record MapOf(List<Map.Entry<Expression, Expression>> entries) implements Expression {}

    record Attribute(Expression of, String name, int line) implements Expression {}

    record Subscript(Expression of, Expression index, int line) implements Expression {}

    /** {@code of[start:stop:step]}; null for a bound that is left out. */
    record Slice(Expression of, Expression start, Expression stop, Expression step) implements Expression {}

    record Call(Expression callee, Arguments arguments, int line) implements Expression {}

    record Filter(Expression of, String name, Arguments arguments, int line) implements Expression {}

    record Test(Expression of, String name, Arguments arguments, boolean negated, int line) implements Expression {}

    record Unary(String operator, Expression of, int line) implements Expression {}

    record Binary(String operator, Expression left, Expression right, int line) implements Expression {}

    /** {@code a < b <= c}: each operand with the next. */
    record Comparison(List<Expression> operands, List<String> operators, int line) implements Expression {}

    /** @param otherwise null for nothing */
    record Conditional(Expression then, Expression condition, Expression otherwise) implements Expression {}

    /** What a call is given. */
    record Arguments(List<Expression> positional, Map<String, Expression> named) {
        static final Arguments NONE = new Arguments(List.of(), Map.of());
    }
}
