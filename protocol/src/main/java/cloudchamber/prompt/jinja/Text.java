package cloudchamber.prompt.jinja;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A string that knows which of its characters came from the input and which from the template. Two texts with the
 * same characters are equal, whatever their origin.
 */
public final class Text implements Comparable<Text> {
    static final Text EMPTY = new Text("", new BitSet());

    private final String value;
    private final BitSet input;

    private Text(String value, BitSet input) {
        this.value = value;
        this.input = input;
    }

    /** A text of the template. */
    public static Text of(String value) {
        return new Text(value, new BitSet());
    }

    /** A text of the input. */
    public static Text input(String value) {
        var all = new BitSet();
        all.set(0, value.length());
        return new Text(value, all);
    }

    /** The characters. */
    public String value() {
        return value;
    }

    int length() {
        return value.length();
    }

    boolean isEmpty() {
        return value.isEmpty();
    }

    /** Whether any character came from the input. */
    boolean holdsInput() {
        return !input.isEmpty();
    }

    /** A run of characters of one origin. */
    public record Run(String text, boolean input) {}

    /** The text as runs of one origin, in order. */
    public List<Run> runs() {
        var runs = new ArrayList<Run>();
        int at = 0;
        while (at < value.length()) {
            boolean from = input.get(at);
            int end = Math.min(value.length(), from ? input.nextClearBit(at) : nextSet(at));
            runs.add(new Run(value.substring(at, end), from));
            at = end;
        }
        return runs;
    }

    private int nextSet(int at) {
        int next = input.nextSetBit(at);
        return next < 0 ? value.length() : next;
    }

    Text slice(int from, int to) {
        return new Text(value.substring(from, to), input.get(from, to));
    }

    Text plus(Text other) {
        return join(List.of(this, other), EMPTY);
    }

    static Text join(List<Text> texts, Text separator) {
        var builder = new Builder();
        for (int index = 0; index < texts.size(); index++) {
            if (index > 0) {
                builder.add(separator);
            }
            builder.add(texts.get(index));
        }
        return builder.build();
    }

    /** The same origin for other characters: of the input if any of these is. */
    Text as(String other) {
        return holdsInput() ? input(other) : of(other);
    }

    /** Each character mapped to one of the same origin; a mapping that changes the length loses the places. */
    Text mapped(String other) {
        return other.length() == value.length() ? new Text(other, (BitSet) input.clone()) : as(other);
    }

    Text repeated(int times) {
        var builder = new Builder();
        for (int time = 0; time < times; time++) {
            builder.add(this);
        }
        return builder.build();
    }

    /** Without leading or trailing characters of {@code set}; white space if that is null. */
    Text strip(String set, boolean left, boolean right) {
        int from = 0;
        int to = value.length();
        while (left && from < to && strips(set, value.charAt(from))) {
            from++;
        }
        while (right && from < to && strips(set, value.charAt(to - 1))) {
            to--;
        }
        return slice(from, to);
    }

    private static boolean strips(String set, char character) {
        return set == null ? isSpace(character) : set.indexOf(character) >= 0;
    }

    /** White space as Python's strip has it. */
    static boolean isSpace(char character) {
        return Character.isWhitespace(character)
                || Character.isSpaceChar(character)
                || character == '\u0085'
                || character >= '\u001c' && character <= '\u001f';
    }

    /** @param limit how many at most, from the left; negative for all */
    Text replace(String old, Text replacement, int limit) {
        if (old.isEmpty()) {
            return this;
        }
        var builder = new Builder();
        int at = 0;
        int done = 0;
        for (int found = value.indexOf(old); found >= 0 && done != limit; found = value.indexOf(old, at)) {
            builder.add(slice(at, found)).add(replacement);
            at = found + old.length();
            done++;
        }
        return builder.add(slice(at, length())).build();
    }

    /** @param limit how many cuts at most, from the left; negative for all */
    List<Text> split(String separator, int limit) {
        var parts = new ArrayList<Text>();
        int at = 0;
        for (int found = value.indexOf(separator); found >= 0 && parts.size() != limit; ) {
            parts.add(slice(at, found));
            at = found + separator.length();
            found = value.indexOf(separator, at);
        }
        parts.add(slice(at, length()));
        return parts;
    }

    /** @param limit how many cuts at most, from the right; negative for all */
    List<Text> splitFromRight(String separator, int limit) {
        var parts = new ArrayList<Text>();
        int end = length();
        while (end >= separator.length() && parts.size() != limit) {
            int found = value.lastIndexOf(separator, end - separator.length());
            if (found < 0) {
                break;
            }
            parts.addFirst(slice(found + separator.length(), end));
            end = found;
        }
        parts.addFirst(slice(0, end));
        return parts;
    }

    /** The words between white space. */
    List<Text> words() {
        var words = new ArrayList<Text>();
        int at = 0;
        while (at < length()) {
            int end = at;
            while (end < length() && !isSpace(value.charAt(end))) {
                end++;
            }
            if (end > at) {
                words.add(slice(at, end));
            }
            at = Math.max(end, at + 1);
        }
        return words;
    }

    @Override
    public int compareTo(Text other) {
        return value.compareTo(other.value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Text text && value.equals(text.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }

    /** Texts joined one after the other. */
    static final class Builder {
        private final StringBuilder value = new StringBuilder();
        private final BitSet input = new BitSet();

        Builder add(Text text) {
            int at = value.length();
            for (int from = text.input.nextSetBit(0); from >= 0; ) {
                int to = text.input.nextClearBit(from);
                input.set(at + from, at + to);
                from = text.input.nextSetBit(to);
            }
            value.append(text.value);
            return this;
        }

        Text build() {
            return new Text(value.toString(), input);
        }
    }
}
