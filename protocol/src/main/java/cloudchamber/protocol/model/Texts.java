package cloudchamber.protocol.model;

/** Texts that every database and encoding can hold: without NUL and without halves of surrogate pairs. */
public final class Texts {
    private static final char REPLACEMENT = '\uFFFD';

    private Texts() {}

    /** Whether every database and encoding can hold the text. */
    public static boolean isStorable(String text) {
        return countUnstorable(text) == 0;
    }

    /** How many UTF-16 units of the text cannot be held. */
    public static int countUnstorable(String text) {
        int count = 0;
        for (int at = 0; at < text.length(); at++) {
            char unit = text.charAt(at);
            if (Character.isHighSurrogate(unit)
                    && at + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(at + 1))) {
                at++;
            } else if (unit == 0 || Character.isSurrogate(unit)) {
                count++;
            }
        }
        return count;
    }

    /** The text with U+FFFD in place of what cannot be held. */
    public static String storable(String text) {
        if (isStorable(text)) {
            return text;
        }
        var mended = new StringBuilder(text.length());
        text.codePoints()
                .forEach(point -> mended.appendCodePoint(
                        point == 0 || Character.getType(point) == Character.SURROGATE ? REPLACEMENT : point));
        return mended.toString();
    }
}
