package cloudchamber.prompt.jinja;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** What Python does with values: truth, spelling, equality, order. */
final class Values {
    private Values() {}

    /** A value as the key of a mapping, where texts stand as strings. */
    static Object key(Object value) {
        return value instanceof Text text ? text.value() : value;
    }

    /** The value of a mapping's key. */
    static Object ofKey(Object key) {
        return key instanceof String text ? Text.of(text) : key;
    }

    static boolean truth(Object value) {
        return switch (value) {
            case null -> false;
            case Boolean truth -> truth;
            case Long number -> number != 0;
            case Double number -> number != 0;
            case Text text -> !text.isEmpty();
            case Collection<?> items -> !items.isEmpty();
            case Map<?, ?> entries -> !entries.isEmpty();
            case Undefined undefined -> false;
            default -> true;
        };
    }

    /** As {@code str} spells it; nothing for an undefined value. */
    static Text text(Object value) {
        return switch (value) {
            case Text text -> text;
            case Undefined undefined -> Text.EMPTY;
            case null, default -> represented(value);
        };
    }

    /** As {@code repr} spells it. */
    static Text represented(Object value) {
        return switch (value) {
            case null -> Text.of("None");
            case Boolean truth -> Text.of(truth ? "True" : "False");
            case Long number -> Text.of(number.toString());
            case Double number -> Text.of(spelled(number));
            case Text text -> text.as(quoted(text.value()));
            case List<?> items ->
                enclosed("[", items.stream().map(Values::represented).toList(), "]");
            case Map<?, ?> entries ->
                enclosed(
                        "{",
                        entries.entrySet().stream()
                                .map(entry -> represented(ofKey(entry.getKey()))
                                        .plus(Text.of(": "))
                                        .plus(represented(entry.getValue())))
                                .toList(),
                        "}");
            case Undefined undefined -> Text.of("Undefined");
            default -> throw new JinjaException("a value that can be written was expected: was a function");
        };
    }

    private static Text enclosed(String opening, List<Text> items, String closing) {
        return Text.of(opening).plus(Text.join(items, Text.of(", "))).plus(Text.of(closing));
    }

    private static String quoted(String value) {
        char quote = value.contains("'") && !value.contains("\"") ? '"' : '\'';
        var quoted = new StringBuilder().append(quote);
        for (char character : value.toCharArray()) {
            switch (character) {
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> quoted.append(character == quote ? "\\" + quote : String.valueOf(character));
            }
        }
        return quoted.append(quote).toString();
    }

    /** A number as Python's repr writes it: the fewest digits that tell it, an exponent from 1e16 on and below 1e-4. */
    static String spelled(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        double magnitude = Math.abs(number);
        var decimal = new BigDecimal(Double.toString(number));
        if (magnitude == 0 || magnitude >= 1e-4 && magnitude < 1e16) {
            var plain = decimal.stripTrailingZeros().toPlainString();
            plain = number == 0 && 1 / number < 0 ? "-0" : plain;
            return plain.contains(".") ? plain : plain + ".0";
        }
        var digits = decimal.stripTrailingZeros();
        int exponent = digits.precision() - digits.scale() - 1;
        var mantissa = digits.movePointLeft(exponent).stripTrailingZeros().toPlainString();
        return mantissa + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    static boolean equal(Object left, Object right) {
        if (number(left) && number(right)) {
            return left instanceof Long one && right instanceof Long other
                    ? one.longValue() == other
                    : real(left) == real(right);
        }
        if (left instanceof List<?> one && right instanceof List<?> other) {
            if (one.size() != other.size()) {
                return false;
            }
            for (int index = 0; index < one.size(); index++) {
                if (!equal(one.get(index), other.get(index))) {
                    return false;
                }
            }
            return true;
        }
        if (left instanceof Map<?, ?> one && right instanceof Map<?, ?> other) {
            return one.size() == other.size()
                    && one.entrySet().stream()
                            .allMatch(entry -> other.containsKey(entry.getKey())
                                    && equal(entry.getValue(), other.get(entry.getKey())));
        }
        if (left instanceof Undefined && right instanceof Undefined) {
            return true;
        }
        return left == null ? right == null : left.equals(right);
    }

    private static boolean number(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    /** A number or a truth value as a real number. */
    static double real(Object value) {
        return switch (value) {
            case Long number -> number;
            case Double number -> number;
            case Boolean truth -> truth ? 1 : 0;
            case null, default -> throw new JinjaException("a number was expected: was " + represented(value));
        };
    }

    static long whole(Object value) {
        return switch (value) {
            case Long number -> number;
            case Boolean truth -> truth ? 1 : 0;
            case null, default -> throw new JinjaException("a whole number was expected: was " + represented(value));
        };
    }

    static int compare(Object left, Object right) {
        if (number(left) && number(right)) {
            return left instanceof Long one && right instanceof Long other
                    ? Long.compare(one, other)
                    : Double.compare(real(left), real(right));
        }
        if (left instanceof Text one && right instanceof Text other) {
            return one.compareTo(other);
        }
        if (left instanceof List<?> one && right instanceof List<?> other) {
            for (int index = 0; index < Math.min(one.size(), other.size()); index++) {
                if (!equal(one.get(index), other.get(index))) {
                    return compare(one.get(index), other.get(index));
                }
            }
            return Integer.compare(one.size(), other.size());
        }
        throw new JinjaException("two numbers or two texts were expected to be compared: were " + represented(left)
                + " and " + represented(right));
    }

    /** What a loop over the value goes through. */
    static List<Object> items(Object value) {
        return switch (value) {
            case List<?> items -> new ArrayList<>(items);
            case Map<?, ?> entries ->
                new ArrayList<>(entries.keySet().stream().map(Values::ofKey).toList());
            case Text text -> {
                var characters = new ArrayList<Object>();
                for (int index = 0; index < text.length(); ) {
                    int end = index + Character.charCount(text.value().codePointAt(index));
                    characters.add(text.slice(index, end));
                    index = end;
                }
                yield characters;
            }
            case Undefined undefined -> new ArrayList<>();
            case null, default ->
                throw new JinjaException("a list, a mapping or a text was expected: was " + represented(value));
        };
    }

    static boolean holds(Object container, Object item) {
        return switch (container) {
            case Text text when item instanceof Text part -> text.value().contains(part.value());
            case Map<?, ?> entries -> entries.containsKey(key(item));
            case List<?> items -> items.stream().anyMatch(one -> equal(one, item));
            case Undefined undefined -> false;
            case null, default ->
                throw new JinjaException(
                        "a list, a mapping or a text was expected after in: was " + represented(container));
        };
    }

    static long length(Object value) {
        return switch (value) {
            case Text text -> text.value().codePointCount(0, text.length());
            case List<?> items -> items.size();
            case Map<?, ?> entries -> entries.size();
            case Undefined undefined -> 0;
            case null, default ->
                throw new JinjaException("a list, a mapping or a text was expected: was " + represented(value));
        };
    }

    /** Keys and values, in order. */
    static List<Object> entries(Map<?, ?> mapping) {
        var entries = new ArrayList<Object>();
        mapping.forEach((key, value) -> {
            var entry = new ArrayList<Object>();
            entry.add(ofKey(key));
            entry.add(value);
            entries.add(entry);
        });
        return entries;
    }
}
