package cloudchamber.prompt.jinja;

import cloudchamber.prompt.jinja.Expression.Arguments;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The value of an expression in a scope. */
final class Evaluator {
    private Evaluator() {}

    static Object evaluate(Expression expression, Scope scope) {
        return switch (expression) {
            case Expression.Literal(var value) -> value;
            case Expression.Name(var name) -> scope.get(name);
            case Expression.ListOf(var items) -> values(items, scope);
            case Expression.MapOf(var entries) -> {
                var mapping = new LinkedHashMap<Object, Object>();
                entries.forEach(entry ->
                        mapping.put(Values.key(evaluate(entry.getKey(), scope)), evaluate(entry.getValue(), scope)));
                yield mapping;
            }
            case Expression.Attribute(var of, var name, var line) ->
                at(line, () -> Methods.attribute(evaluate(of, scope), name));
            case Expression.Subscript(var of, var index, var line) ->
                at(line, () -> Methods.item(evaluate(of, scope), evaluate(index, scope)));
            case Expression.Slice(var of, var start, var stop, var step) ->
                Operators.slice(evaluate(of, scope), orNull(start, scope), orNull(stop, scope), orNull(step, scope));
            case Expression.Call(var callee, var arguments, var line) ->
                at(line, () -> called(callee, arguments, scope));
            case Expression.Filter filter -> filtered(evaluate(filter.of(), scope), filter, scope);
            case Expression.Test(var of, var name, var arguments, var negated, var line) ->
                at(line, () -> Tests.test(evaluate(of, scope), call(name, arguments, scope)) != negated);
            case Expression.Unary(var operator, var of, var line) ->
                at(line, () -> unary(operator, evaluate(of, scope)));
            case Expression.Binary(var operator, var left, var right, var line) ->
                at(line, () -> binary(operator, left, right, scope));
            case Expression.Comparison(var operands, var operators, var line) ->
                at(line, () -> compared(operands, operators, scope));
            case Expression.Conditional(var then, var condition, var otherwise) ->
                Values.truth(evaluate(condition, scope))
                        ? evaluate(then, scope)
                        : otherwise == null ? new Undefined("the else of a condition") : evaluate(otherwise, scope);
        };
    }

    static boolean truth(Expression condition, Scope scope) {
        return Values.truth(evaluate(condition, scope));
    }

    static Object filtered(Object value, Expression.Filter filter, Scope scope) {
        return at(filter.line(), () -> Filters.filter(value, call(filter.name(), filter.arguments(), scope)));
    }

    /** Something to compute. */
    interface Computation {
        Object value();
    }

    /** Names the line in a fault that does not name one yet. */
    private static Object at(int line, Computation computation) {
        try {
            return computation.value();
        } catch (JinjaException fault) {
            throw fault.getMessage().startsWith("line ") ? fault : JinjaException.at(line, fault.getMessage());
        } catch (ArithmeticException | ClassCastException wrong) {
            throw JinjaException.at(line, "values that fit were expected: " + wrong.getMessage());
        }
    }

    private static Object orNull(Expression expression, Scope scope) {
        return expression == null ? null : evaluate(expression, scope);
    }

    private static List<Object> values(List<Expression> expressions, Scope scope) {
        var values = new ArrayList<Object>();
        expressions.forEach(expression -> values.add(evaluate(expression, scope)));
        return values;
    }

    private static Call call(String name, Arguments arguments, Scope scope) {
        var named = new LinkedHashMap<String, Object>();
        arguments.named().forEach((key, value) -> named.put(key, evaluate(value, scope)));
        return new Call(name, values(arguments.positional(), scope), named);
    }

    private static Object called(Expression callee, Arguments arguments, Scope scope) {
        Object function = evaluate(callee, scope);
        if (!(function instanceof Callable callable)) {
            throw new JinjaException("a function was expected: was "
                    + (function instanceof Undefined undefined
                            ? "the undefined [" + undefined.name() + "]"
                            : Values.represented(function).value()));
        }
        var call = call("", arguments, scope);
        return callable.call(call.positional(), call.named());
    }

    private static Object unary(String operator, Object value) {
        return switch (operator) {
            case "not" -> !Values.truth(value);
            case "-" -> value instanceof Double real ? (Object) (-real) : (Object) (-Values.whole(value));
            default -> value instanceof Double ? value : (Object) Values.whole(value);
        };
    }

    private static Object binary(String operator, Expression left, Expression right, Scope scope) {
        Object value = evaluate(left, scope);
        return switch (operator) {
            case "and" -> Values.truth(value) ? evaluate(right, scope) : value;
            case "or" -> Values.truth(value) ? value : evaluate(right, scope);
            default -> Operators.binary(operator, value, evaluate(right, scope));
        };
    }

    private static boolean compared(List<Expression> operands, List<String> operators, Scope scope) {
        Object left = evaluate(operands.getFirst(), scope);
        for (int index = 0; index < operators.size(); index++) {
            Object right = evaluate(operands.get(index + 1), scope);
            boolean holds = switch (operators.get(index)) {
                case "==" -> Values.equal(left, right);
                case "!=" -> !Values.equal(left, right);
                case "<" -> Values.compare(left, right) < 0;
                case ">" -> Values.compare(left, right) > 0;
                case "<=" -> Values.compare(left, right) <= 0;
                case ">=" -> Values.compare(left, right) >= 0;
                case "in" -> Values.holds(right, left);
                default -> !Values.holds(right, left);
            };
            if (!holds) {
                return false;
            }
            left = right;
        }
        return true;
    }

    static Map<String, Object> loop(List<Object> items, int index) {
        int size = items.size();
        var loop = new LinkedHashMap<String, Object>();
        loop.put("index", index + 1L);
        loop.put("index0", (long) index);
        loop.put("revindex", (long) size - index);
        loop.put("revindex0", size - index - 1L);
        loop.put("first", index == 0);
        loop.put("last", index == size - 1);
        loop.put("length", (long) size);
        loop.put("previtem", index == 0 ? new Undefined("previtem") : items.get(index - 1));
        loop.put("nextitem", index == size - 1 ? new Undefined("nextitem") : items.get(index + 1));
        loop.put("cycle", (Callable) (positional, named) -> positional.get(index % positional.size()));
        return loop;
    }
}
