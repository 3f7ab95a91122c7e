package cloudchamber.prompt.jinja;

import java.util.ArrayList;
import java.util.List;

/** Arithmetic and indices as Python has them. */
final class Operators {
    private Operators() {}

    static Object plus(Object left, Object right) {
        if (left instanceof Text one && right instanceof Text other) {
            return one.plus(other);
        }
        if (left instanceof List<?> one && right instanceof List<?> other) {
            var all = new ArrayList<Object>(one);
            all.addAll(other);
            return all;
        }
        return arithmetic("+", left, right);
    }

    static Object binary(String operator, Object left, Object right) {
        return switch (operator) {
            case "+" -> plus(left, right);
            case "~" -> Values.text(left).plus(Values.text(right));
            case "*" -> {
                if (left instanceof Text text) {
                    yield text.repeated(Math.toIntExact(Values.whole(right)));
                }
                yield arithmetic(operator, left, right);
            }
            case "%" -> left instanceof Text pattern ? Methods.percent(pattern, right) : arithmetic("%", left, right);
            default -> arithmetic(operator, left, right);
        };
    }

    private static Object arithmetic(String operator, Object left, Object right) {
        requireNumber(left, operator);
        requireNumber(right, operator);
        if (left instanceof Double || right instanceof Double || operator.equals("/")) {
            return real(operator, Values.real(left), Values.real(right));
        }
        long one = Values.whole(left);
        long other = Values.whole(right);
        if (other == 0 && (operator.equals("//") || operator.equals("%"))) {
            throw new JinjaException("a divisor must not be zero");
        }
        return switch (operator) {
            case "+" -> (Object) Math.addExact(one, other);
            case "-" -> (Object) Math.subtractExact(one, other);
            case "*" -> (Object) Math.multiplyExact(one, other);
            case "//" -> (Object) Math.floorDiv(one, other);
            case "%" -> (Object) Math.floorMod(one, other);
            default -> other < 0 ? (Object) Math.pow(one, other) : (Object) (long) Math.pow(one, other);
        };
    }

    private static void requireNumber(Object value, String operator) {
        if (!(value instanceof Long || value instanceof Double || value instanceof Boolean)) {
            throw new JinjaException(
                    "[" + operator + "] needs numbers, two texts or two lists: had " + Values.represented(value));
        }
    }

    private static Object real(String operator, double left, double right) {
        if (right == 0
                && !operator.equals("+")
                && !operator.equals("-")
                && !operator.equals("*")
                && !operator.equals("**")) {
            throw new JinjaException("a divisor must not be zero");
        }
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / right;
            case "//" -> Math.floor(left / right);
            case "%" -> left - Math.floor(left / right) * right;
            default -> Math.pow(left, right);
        };
    }

    /** {@code value[start:stop:step]}; null for what is left out. */
    static Object slice(Object value, Object start, Object stop, Object step) {
        long stride = step == null ? 1 : Values.whole(step);
        if (stride == 0) {
            throw new JinjaException("the step of a slice must not be zero");
        }
        var items = Values.items(value);
        int size = items.size();
        long from = bound(start, size, stride > 0 ? 0 : size - 1, stride);
        long to = bound(stop, size, stride > 0 ? size : -1, stride);
        var taken = new ArrayList<Object>();
        for (long index = from; stride > 0 ? index < to : index > to; index += stride) {
            taken.add(items.get(Math.toIntExact(index)));
        }
        return value instanceof Text
                ? Text.join(taken.stream().map(Text.class::cast).toList(), Text.EMPTY)
                : taken;
    }

    private static long bound(Object given, int size, long standard, long stride) {
        if (given == null) {
            return standard;
        }
        long index = Values.whole(given);
        index = index < 0 ? index + size : index;
        return stride > 0 ? Math.clamp(index, 0, size) : Math.clamp(index, -1, size - 1);
    }
}
