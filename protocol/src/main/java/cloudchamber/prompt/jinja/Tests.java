package cloudchamber.prompt.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Jinja's tests, {@code value is name}. */
final class Tests {
    static final Set<String> NAMES = new TreeSet<>(List.of(
            "defined",
            "undefined",
            "none",
            "string",
            "mapping",
            "iterable",
            "sequence",
            "number",
            "integer",
            "float",
            "boolean",
            "true",
            "false",
            "even",
            "odd",
            "divisibleby",
            "equalto",
            "eq",
            "ne",
            "lt",
            "gt",
            "le",
            "ge",
            "in",
            "callable",
            "lower",
            "upper",
            "sameas"));

    private Tests() {}

    static boolean test(Object value, Call call) {
        return switch (call.callee()) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == null;
            case "string" -> value instanceof Text;
            case "mapping" -> value instanceof Map;
            case "iterable" ->
                value instanceof Text || value instanceof List || value instanceof Map || value instanceof Undefined;
            case "sequence" ->
                value instanceof Text || value instanceof List || value instanceof Map || value instanceof Undefined;
            case "number" -> value instanceof Long || value instanceof Double || value instanceof Boolean;
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "even" -> Values.whole(value) % 2 == 0;
            case "odd" -> Values.whole(value) % 2 != 0;
            case "divisibleby" -> Values.whole(value) % Values.whole(call.get(0, "num")) == 0;
            case "equalto", "eq", "sameas" -> Values.equal(value, call.get(0, "other"));
            case "ne" -> !Values.equal(value, call.get(0, "other"));
            case "lt" -> Values.compare(value, call.get(0, "other")) < 0;
            case "gt" -> Values.compare(value, call.get(0, "other")) > 0;
            case "le" -> Values.compare(value, call.get(0, "other")) <= 0;
            case "ge" -> Values.compare(value, call.get(0, "other")) >= 0;
            case "in" -> Values.holds(call.get(0, "seq"), value);
            case "callable" -> value instanceof Callable;
            case "lower" ->
                Values.text(value).value().equals(Values.text(value).value().toLowerCase(java.util.Locale.ROOT));
            case "upper" ->
                Values.text(value).value().equals(Values.text(value).value().toUpperCase(java.util.Locale.ROOT));
            default -> throw new JinjaException("a test must be one of " + NAMES + ": was " + call.callee());
        };
    }
}
