package cloudchamber.console;

import java.util.stream.Collectors;

/** Texts of clients and models, made fit for a terminal. */
public final class Text {
    private Text() {}

    /** The same of a whole text: its lines are kept, the further ones begin with {@code indent}. */
    public static String lines(String text, String indent) {
        return text.strip()
                .lines()
                .map(line -> shown(line, Integer.MAX_VALUE))
                .collect(Collectors.joining("\n" + indent));
    }

    /** The beginning of a text on one line; what a terminal would obey, or what turns its direction, is replaced. */
    public static String shown(String text, int characters) {
        var shown = new StringBuilder();
        text.codePoints()
                .limit(characters + 1L)
                .map(point -> switch (Character.getType(point)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR -> ' ';
                    default -> point;
                })
                .forEach(shown::appendCodePoint);
        return shown.codePointCount(0, shown.length()) <= characters
                ? shown.toString()
                : shown.substring(0, shown.offsetByCodePoints(0, characters - 1)) + "…";
    }
}
