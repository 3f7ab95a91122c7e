package cloudchamber.prompt.jinja;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** JSON as Python's {@code json.dumps} writes it without escaping other than ASCII letters. */
final class Json {
    private final Text.Builder out = new Text.Builder();
    private final String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sorted;

    private Json(String indent, String itemSeparator, String keySeparator, boolean sorted) {
        this.indent = indent;
        this.itemSeparator = itemSeparator;
        this.keySeparator = keySeparator;
        this.sorted = sorted;
    }

    /** @param indent of one level; null for one line */
    static Text of(Object value, String indent, String itemSeparator, String keySeparator, boolean sorted) {
        var json = new Json(indent, itemSeparator, keySeparator, sorted);
        json.write(value, 0);
        return json.out.build();
    }

    private void write(Object value, int depth) {
        switch (value) {
            case null -> add("null");
            case Boolean truth -> add(truth.toString());
            case Long number -> add(number.toString());
            case Double number -> add(Values.spelled(number));
            case Text text -> out.add(text.as(quoted(text.value())));
            case List<?> items ->
                writeAll("[", List.copyOf(items.stream().map(Json::entry).toList()), "]", depth);
            case Map<?, ?> entries -> {
                Map<?, ?> ordered = sorted ? new TreeMap<Object, Object>(entries) : entries;
                writeAll(
                        "{",
                        ordered.entrySet().stream()
                                .map(entry -> new Entry(
                                        Values.text(Values.ofKey(entry.getKey()))
                                                .value(),
                                        entry.getValue()))
                                .toList(),
                        "}",
                        depth);
            }
            default -> throw new JinjaException("a value that JSON has was expected: was " + Values.represented(value));
        }
    }

    /** @param key null for an item of a list */
    private record Entry(String key, Object value) {}

    private static Entry entry(Object item) {
        return new Entry(null, item);
    }

    private void writeAll(String opening, List<Entry> entries, String closing, int depth) {
        add(opening);
        for (int index = 0; index < entries.size(); index++) {
            add(index == 0 ? "" : itemSeparator);
            newLine(depth + 1);
            if (entries.get(index).key() != null) {
                add(quoted(entries.get(index).key()) + keySeparator);
            }
            write(entries.get(index).value(), depth + 1);
        }
        if (!entries.isEmpty()) {
            newLine(depth);
        }
        add(closing);
    }

    private void newLine(int depth) {
        if (indent != null) {
            add("\n" + indent.repeat(depth));
        }
    }

    private void add(String text) {
        out.add(Text.of(text));
    }

    private static String quoted(String value) {
        var quoted = new StringBuilder("\"");
        for (char character : value.toCharArray()) {
            switch (character) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\b' -> quoted.append("\\b");
                case '\f' -> quoted.append("\\f");
                default ->
                    quoted.append(
                            character < ' ' ? String.format("\\u%04x", (int) character) : String.valueOf(character));
            }
        }
        return quoted.append('"').toString();
    }
}
