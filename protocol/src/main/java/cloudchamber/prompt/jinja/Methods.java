package cloudchamber.prompt.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Attributes and methods of texts, lists and mappings. */
final class Methods {
    private Methods() {}

    /** {@code value.name}: a method, else an entry of a mapping. */
    static Object attribute(Object value, String name) {
        var method = method(value, name);
        if (method != null) {
            return (Callable) (positional, named) -> method.apply(new Call(name, positional, named));
        }
        return switch (value) {
            case Map<?, ?> entries when entries.containsKey(name) -> entries.get(name);
            case Namespace namespace -> namespace.get(name);
            case Undefined undefined ->
                throw new JinjaException("a value with the attribute [" + name + "] was expected: [" + undefined.name()
                        + "] is undefined");
            case null, default -> new Undefined(name);
        };
    }

    /** {@code value[index]}: an entry or an item, else a method. */
    static Object item(Object value, Object index) {
        return switch (value) {
            case Map<?, ?> entries
            when index instanceof Text key && entries.containsKey(key.value()) -> entries.get(key.value());
            case List<?> items when index instanceof Long place -> at(items, place);
            case Text text when index instanceof Long place -> at(Values.items(text), place);
            case Undefined undefined ->
                throw new JinjaException("a value with items was expected: [" + undefined.name() + "] is undefined");
            case null, default -> index instanceof Text name ? attribute(value, name.value()) : new Undefined("item");
        };
    }

    private static Object at(List<?> items, long place) {
        long index = place < 0 ? place + items.size() : place;
        return index < 0 || index >= items.size() ? new Undefined("item " + place) : items.get((int) index);
    }

    private static Function<Call, Object> method(Object value, String name) {
        return switch (value) {
            case Text text -> ofText(text, name);
            case Map<?, ?> mapping -> ofMapping(mapping, name);
            case List<?> items -> ofList(items, name);
            case null, default -> null;
        };
    }

    private static Function<Call, Object> ofText(Text text, String name) {
        return switch (name) {
            case "strip" -> call -> text.strip(call.textOrNull(0, "chars"), true, true);
            case "lstrip" -> call -> text.strip(call.textOrNull(0, "chars"), true, false);
            case "rstrip" -> call -> text.strip(call.textOrNull(0, "chars"), false, true);
            case "split" -> call -> split(text, call, false);
            case "rsplit" -> call -> split(text, call, true);
            case "splitlines" ->
                call -> new ArrayList<Object>(
                        (text.value().endsWith("\n") ? text.slice(0, text.length() - 1) : text).split("\n", -1));
            case "startswith" -> call -> affixes(call).stream().anyMatch(text.value()::startsWith);
            case "endswith" -> call -> affixes(call).stream().anyMatch(text.value()::endsWith);
            case "replace" ->
                call -> text.replace(
                        call.text(0, "old").value(),
                        call.text(1, "new"),
                        Math.toIntExact(Values.whole(call.get(2, "count", -1L))));
            case "upper" -> call -> text.mapped(text.value().toUpperCase(Locale.ROOT));
            case "lower" -> call -> text.mapped(text.value().toLowerCase(Locale.ROOT));
            case "title" -> call -> titled(text);
            case "capitalize" -> call -> capitalized(text);
            case "join" ->
                call -> Text.join(
                        Values.items(call.get(0, "iterable")).stream()
                                .map(Values::text)
                                .toList(),
                        text);
            case "find" ->
                call -> (long) text.value().indexOf(call.text(0, "sub").value());
            case "count" ->
                call -> (long) text.split(call.text(0, "sub").value(), -1).size() - 1;
            case "format" -> call -> formatted(text, call);
            case "removeprefix" ->
                call -> {
                    var prefix = call.text(0, "prefix").value();
                    return text.value().startsWith(prefix) ? text.slice(prefix.length(), text.length()) : text;
                };
            case "removesuffix" ->
                call -> {
                    var suffix = call.text(0, "suffix").value();
                    return text.value().endsWith(suffix) ? text.slice(0, text.length() - suffix.length()) : text;
                };
            case "isdigit" -> call -> !text.isEmpty() && text.value().chars().allMatch(Character::isDigit);
            case "isalpha" -> call -> !text.isEmpty() && text.value().chars().allMatch(Character::isLetter);
            default -> null;
        };
    }

    private static Object split(Text text, Call call, boolean fromRight) {
        var separator = call.textOrNull(0, "sep");
        int limit = Math.toIntExact(Values.whole(call.get(1, "maxsplit", -1L)));
        if (separator == null) {
            return new ArrayList<Object>(text.words());
        }
        return new ArrayList<Object>(fromRight ? text.splitFromRight(separator, limit) : text.split(separator, limit));
    }

    /** One text, or several in a list. */
    private static List<String> affixes(Call call) {
        return call.get(0, "affix") instanceof List<?> several
                ? several.stream().map(Object::toString).toList()
                : List.of(call.text(0, "affix").value());
    }

    private static Function<Call, Object> ofMapping(Map<?, ?> mapping, String name) {
        return switch (name) {
            case "get" ->
                call -> {
                    var key = Values.key(call.get(0, "key"));
                    return mapping.containsKey(key) ? mapping.get(key) : call.get(1, "default", null);
                };
            case "items" -> call -> Values.entries(mapping);
            case "keys" -> call -> Values.items(mapping);
            case "values" -> call -> new ArrayList<Object>(mapping.values());
            default -> null;
        };
    }

    private static Function<Call, Object> ofList(List<?> items, String name) {
        return switch (name) {
            case "index" ->
                call -> {
                    for (int index = 0; index < items.size(); index++) {
                        if (Values.equal(items.get(index), call.get(0, "value"))) {
                            return (long) index;
                        }
                    }
                    throw new JinjaException(
                            "index needs an item of the list: was " + Values.represented(call.get(0, "value")));
                };
            case "count" ->
                call -> items.stream()
                        .filter(item -> Values.equal(item, call.get(0, "value")))
                        .count();
            case "append", "pop", "insert", "extend", "remove", "clear", "sort", "reverse" ->
                call -> {
                    throw new JinjaException("a template must not change a list: it calls " + name);
                };
            default -> null;
        };
    }

    static Text capitalized(Text text) {
        return text.isEmpty()
                ? text
                : text.mapped(text.value().substring(0, 1).toUpperCase(Locale.ROOT)
                        + text.value().substring(1).toLowerCase(Locale.ROOT));
    }

    static Text titled(Text text) {
        var titled = new StringBuilder();
        boolean inWord = false;
        for (char character : text.value().toCharArray()) {
            titled.append(inWord ? Character.toLowerCase(character) : Character.toUpperCase(character));
            inWord = Character.isLetter(character);
        }
        return text.mapped(titled.toString());
    }

    /** {@code text.format(…)} with {@code {}}, {@code {0}} and {@code {name}}. */
    private static Text formatted(Text text, Call call) {
        var builder = new Text.Builder();
        int at = 0;
        int next = 0;
        for (int open = text.value().indexOf('{');
                open >= 0;
                open = text.value().indexOf('{', at)) {
            builder.add(text.slice(at, open));
            int close = text.value().indexOf('}', open);
            if (close < 0) {
                throw new JinjaException("a format must close its braces: was " + text);
            }
            var field = text.value().substring(open + 1, close);
            if (!field.matches("\\w*")) {
                throw new JinjaException("a format must have plain fields: had {" + field + "}");
            }
            Object value = field.isEmpty()
                    ? call.get(next++, field)
                    : field.matches("\\d+")
                            ? call.get(Integer.parseInt(field), field)
                            : call.get(Integer.MAX_VALUE, field);
            builder.add(Values.text(value));
            at = close + 1;
        }
        return builder.add(text.slice(at, text.length())).build();
    }

    /** {@code pattern % value} with {@code %s} and {@code %d}. */
    static Text percent(Text pattern, Object value) {
        var values =
                value instanceof List<?> several ? new ArrayList<Object>(several) : new ArrayList<>(List.of(value));
        var builder = new Text.Builder();
        int at = 0;
        for (int found = pattern.value().indexOf('%');
                found >= 0;
                found = pattern.value().indexOf('%', at)) {
            builder.add(pattern.slice(at, found));
            char kind = found + 1 < pattern.length() ? pattern.value().charAt(found + 1) : 0;
            switch (kind) {
                case '%' -> builder.add(Text.of("%"));
                case 's', 'd' -> {
                    if (values.isEmpty()) {
                        throw new JinjaException("a format needs a value for each field: was " + pattern);
                    }
                    builder.add(Values.text(values.removeFirst()));
                }
                default -> throw new JinjaException("a format must have %s, %d or %%: was %" + kind);
            }
            at = found + 2;
        }
        return builder.add(pattern.slice(at, pattern.length())).build();
    }
}
