package cloudchamber.prompt.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Jinja's filters, {@code value | name}, but for {@code map} and {@code select} with a filter or test by name. */
final class Filters {
    static final Set<String> NAMES = new TreeSet<>(List.of(
            "tojson",
            "length",
            "count",
            "trim",
            "string",
            "default",
            "d",
            "join",
            "items",
            "upper",
            "lower",
            "capitalize",
            "title",
            "safe",
            "dictsort",
            "list",
            "replace",
            "selectattr",
            "rejectattr",
            "select",
            "reject",
            "map",
            "indent",
            "first",
            "last",
            "int",
            "float",
            "abs",
            "round",
            "unique",
            "reverse",
            "sort",
            "sum",
            "min",
            "max",
            "escape",
            "e"));

    private Filters() {}

    static Object filter(Object value, Call call) {
        return switch (call.callee()) {
            case "tojson" -> json(value, call);
            case "length", "count" -> Values.length(value);
            case "trim" -> Values.text(value).strip(call.textOrNull(0, "chars"), true, true);
            case "string" -> Values.text(value);
            case "default", "d" -> {
                boolean missing = value instanceof Undefined
                        || Values.truth(call.get(1, "boolean", false)) && !Values.truth(value);
                yield missing ? call.get(0, "default_value", Text.EMPTY) : value;
            }
            case "join" ->
                Text.join(
                        attributes(value, call.get(1, "attribute", null)).stream()
                                .map(Values::text)
                                .toList(),
                        Values.text(call.get(0, "d", Text.EMPTY)));
            case "items" -> value instanceof Undefined ? List.of() : Values.entries(mapping(value, "items"));
            case "upper" -> Values.text(value).mapped(Values.text(value).value().toUpperCase(Locale.ROOT));
            case "lower" -> Values.text(value).mapped(Values.text(value).value().toLowerCase(Locale.ROOT));
            case "capitalize" -> Methods.capitalized(Values.text(value));
            case "title" -> Methods.titled(Values.text(value));
            case "safe" -> value;
            case "escape", "e" -> escaped(Values.text(value));
            case "dictsort" ->
                Values.entries(mapping(value, "dictsort")).stream()
                        .sorted((left, right) -> Values.compare(sortKey(left), sortKey(right)))
                        .toList();
            case "list" -> Values.items(value);
            case "replace" ->
                Values.text(value)
                        .replace(
                                call.text(0, "old").value(),
                                call.text(1, "new"),
                                Math.toIntExact(Values.whole(call.get(2, "count", -1L))));
            case "selectattr" -> selected(value, call, true);
            case "rejectattr" -> selected(value, call, false);
            case "select" -> kept(value, call, true);
            case "reject" -> kept(value, call, false);
            case "map" -> mapped(value, call);
            case "indent" -> indented(Values.text(value), call);
            case "first" ->
                Values.items(value).isEmpty()
                        ? new Undefined("first")
                        : Values.items(value).getFirst();
            case "last" ->
                Values.items(value).isEmpty()
                        ? new Undefined("last")
                        : Values.items(value).getLast();
            case "int" -> whole(value, call.get(0, "default", 0L));
            case "float" -> real(value, call.get(0, "default", 0.0));
            case "abs" ->
                value instanceof Long number ? (Object) Math.abs(number) : (Object) Math.abs(Values.real(value));
            case "round" -> rounded(value, call);
            case "unique" -> unique(Values.items(value));
            case "reverse" -> reversed(value);
            case "sort" -> sorted(value, call);
            case "sum" -> sum(attributes(value, call.get(0, "attribute", null)));
            case "min" -> Values.items(value).stream().min(Values::compare).orElse(new Undefined("min"));
            case "max" -> Values.items(value).stream().max(Values::compare).orElse(new Undefined("max"));
            default -> throw new JinjaException("a filter must be one of " + NAMES + ": was " + call.callee());
        };
    }

    private static Text json(Object value, Call call) {
        Object indent = call.get(1, "indent", null);
        var separators = call.get(2, "separators", null) instanceof List<?> given ? given : null;
        return Json.of(
                value,
                switch (indent) {
                    case null -> null;
                    case Text text -> text.value();
                    default -> " ".repeat(Math.toIntExact(Values.whole(indent)));
                },
                separators != null ? separators.getFirst().toString() : indent == null ? ", " : ",",
                separators != null ? separators.getLast().toString() : ": ",
                Values.truth(call.get(3, "sort_keys", false)));
    }

    private static Text escaped(Text text) {
        return text.replace("&", Text.of("&amp;"), -1)
                .replace("<", Text.of("&lt;"), -1)
                .replace(">", Text.of("&gt;"), -1)
                .replace("'", Text.of("&#39;"), -1)
                .replace("\"", Text.of("&#34;"), -1);
    }

    static Map<?, ?> mapping(Object value, String filter) {
        if (value instanceof Map<?, ?> entries) {
            return entries;
        }
        throw new JinjaException(filter + " needs a mapping: was " + Values.represented(value));
    }

    private static Object sortKey(Object entry) {
        Object key = ((List<?>) entry).getFirst();
        return key instanceof Text text ? Text.of(text.value().toLowerCase(Locale.ROOT)) : key;
    }

    /** @param attribute a text, or null for the items themselves */
    private static List<Object> attributes(Object value, Object attribute) {
        return attribute == null
                ? Values.items(value)
                : new ArrayList<>(Values.items(value).stream()
                        .map(item ->
                                Methods.attribute(item, Values.text(attribute).value()))
                        .toList());
    }

    /** The items of a value; none of one that is false. */
    private static List<Object> itemsOrNone(Object value) {
        return Values.truth(value) ? Values.items(value) : new ArrayList<>();
    }

    private static List<Object> selected(Object value, Call call, boolean wanted) {
        var attribute = call.text(0, "attribute").value();
        var test = test(call, 1);
        return filtered(value, item -> test.test(Methods.attribute(item, attribute)) == wanted);
    }

    private static List<Object> kept(Object value, Call call, boolean wanted) {
        var test = test(call, 0);
        return filtered(value, item -> test.test(item) == wanted);
    }

    private static List<Object> filtered(Object value, Predicate<Object> predicate) {
        var items = itemsOrNone(value);
        items.removeIf(predicate.negate());
        return items;
    }

    /** The test named by the argument at {@code place}, with those behind it; truth if none is named. */
    private static Predicate<Object> test(Call call, int place) {
        if (call.positional().size() <= place) {
            return Values::truth;
        }
        var name = switch (call.text(place, "test").value()) {
            case "==" -> "eq";
            case "!=" -> "ne";
            case String other -> other;
        };
        var rest = call.positional().subList(place + 1, call.positional().size());
        return item -> Tests.test(item, new Call(name, rest, Map.of()));
    }

    private static List<Object> mapped(Object value, Call call) {
        if (call.named().containsKey("attribute")) {
            var attribute = call.text(1, "attribute").value();
            Object standard = call.named().get("default");
            return collect(value, item -> {
                Object found = Methods.attribute(item, attribute);
                return found instanceof Undefined && call.named().containsKey("default") ? standard : found;
            });
        }
        var filter = call.text(0, "filter").value();
        var rest = call.positional().subList(1, call.positional().size());
        return collect(value, item -> filter(item, new Call(filter, rest, call.named())));
    }

    private static List<Object> collect(Object value, UnaryOperator<Object> change) {
        var items = itemsOrNone(value);
        items.replaceAll(change);
        return items;
    }

    private static Text indented(Text text, Call call) {
        Object width = call.get(0, "width", 4L);
        var indent = width instanceof Text given ? given : Text.of(" ".repeat(Math.toIntExact(Values.whole(width))));
        boolean first = Values.truth(call.get(1, "first", false));
        boolean blank = Values.truth(call.get(2, "blank", false));
        var lines = new ArrayList<>(text.split("\n", -1));
        for (int line = 0; line < lines.size(); line++) {
            if (line == 0
                    ? first
                    : blank || !lines.get(line).strip(null, true, true).isEmpty()) {
                lines.set(line, indent.plus(lines.get(line)));
            }
        }
        return Text.join(lines, Text.of("\n"));
    }

    private static Object whole(Object value, Object standard) {
        try {
            return switch (value) {
                case Text text ->
                    (Object) (long) Double.parseDouble(text.value().strip());
                case null, default -> (Object) (long) Values.real(value);
            };
        } catch (NumberFormatException | JinjaException wrong) {
            return standard;
        }
    }

    private static Object real(Object value, Object standard) {
        try {
            return switch (value) {
                case Text text -> (Object) Double.valueOf(text.value().strip());
                case null, default -> (Object) Values.real(value);
            };
        } catch (NumberFormatException | JinjaException wrong) {
            return standard;
        }
    }

    private static Object rounded(Object value, Call call) {
        double scale = Math.pow(10, Values.whole(call.get(0, "precision", 0L)));
        double scaled = Values.real(value) * scale;
        return switch (Values.text(call.get(1, "method", Text.of("common"))).value()) {
            case "ceil" -> Math.ceil(scaled) / scale;
            case "floor" -> Math.floor(scaled) / scale;
            default -> Math.rint(scaled) / scale;
        };
    }

    private static List<Object> unique(List<Object> items) {
        var unique = new ArrayList<Object>();
        for (var item : items) {
            if (unique.stream().noneMatch(known -> Values.equal(known, item))) {
                unique.add(item);
            }
        }
        return unique;
    }

    private static Object reversed(Object value) {
        var items = Values.items(value);
        Collections.reverse(items);
        return value instanceof Text
                ? Text.join(items.stream().map(Text.class::cast).toList(), Text.EMPTY)
                : items;
    }

    private static List<Object> sorted(Object value, Call call) {
        Object attribute = call.get(2, "attribute", null);
        Comparator<Object> order = (left, right) -> attribute == null
                ? Values.compare(left, right)
                : Values.compare(
                        Methods.attribute(left, Values.text(attribute).value()),
                        Methods.attribute(right, Values.text(attribute).value()));
        var items = Values.items(value);
        items.sort(Values.truth(call.get(0, "reverse", false)) ? order.reversed() : order);
        return items;
    }

    private static Object sum(List<Object> items) {
        Object sum = 0L;
        for (var item : items) {
            sum = Operators.plus(sum, item);
        }
        return sum;
    }
}
