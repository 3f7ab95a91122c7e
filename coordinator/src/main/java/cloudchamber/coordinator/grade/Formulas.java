package cloudchamber.coordinator.grade;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The formulas in a line: what stands between dollars, or {@code \( \)} or {@code \[ \]}. */
final class Formulas {
    private Formulas() {}

    /**
     * A formula in a text.
     *
     * @param start where its first delimiter begins
     * @param content without the delimiters
     * @param end behind its last delimiter
     */
    record Formula(int start, String content, int end) {}

    /**
     * The formulas of a text in order. A dollar opens one unless a blank follows it, and closes one unless a blank
     * stands before it or a digit follows it: {@code $5 and $6} are two prices.
     */
    static List<Formula> in(String text) {
        List<Formula> formulas = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            Optional<Formula> formula = at(text, at);
            if (formula.isPresent()) {
                formulas.add(formula.get());
                at = formula.get().end();
            } else {
                at += text.charAt(at) == '\\' ? 2 : 1;
            }
        }
        return formulas;
    }

    /** The formula that begins at a place. */
    static Optional<Formula> at(String text, int start) {
        if (text.startsWith("$$", start)) {
            return closed(text, start, 2, text.indexOf("$$", start + 2), 2);
        }
        if (text.startsWith("$", start)) {
            return dollars(text, start);
        }
        if (text.startsWith("\\(", start)) {
            return closed(text, start, 2, text.indexOf("\\)", start + 2), 2);
        }
        if (text.startsWith("\\[", start)) {
            return closed(text, start, 2, text.indexOf("\\]", start + 2), 2);
        }
        return Optional.empty();
    }

    private static Optional<Formula> dollars(String text, int start) {
        boolean opens = start + 1 < text.length() && !Character.isWhitespace(text.charAt(start + 1));
        if (!opens) {
            return padded(text, start);
        }
        int at = start + 1;
        while (at < text.length() && text.charAt(at) != '\n') {
            char character = text.charAt(at);
            if (character == '$') {
                boolean closes = !Character.isWhitespace(text.charAt(at - 1))
                        && (at + 1 == text.length() || !Character.isDigit(text.charAt(at + 1)));
                return closes ? closed(text, start, 1, at, 1) : Optional.empty();
            }
            at += character == '\\' ? 2 : 1;
        }
        return Optional.empty();
    }

    /** {@code $ x = 5 $}: blanks on both sides, and no words. */
    private static Optional<Formula> padded(String text, int start) {
        int close = text.indexOf('$', start + 1);
        int lineEnd = text.indexOf('\n', start);
        boolean padded = close > start + 2
                && (lineEnd < 0 || close < lineEnd)
                && Character.isWhitespace(text.charAt(close - 1))
                && !text.substring(start, close).matches("(?s).*(?<![\\\\A-Za-z{])[A-Za-z]{3,}+.*");
        return padded ? closed(text, start, 1, close, 1) : Optional.empty();
    }

    private static Optional<Formula> closed(String text, int start, int opening, int close, int closing) {
        return close < 0
                ? Optional.empty()
                : Optional.of(new Formula(
                        start, text.substring(start + opening, close).strip(), close + closing));
    }

    /**
     * The value that a formula ends in: the right side of its last equality, unless that is only a rounding of what
     * stands before it. A relation of another kind is taken whole.
     */
    static String value(String formula) {
        String whole = formula;
        int about = last(whole, "\\approx");
        if (about > 0 && last(whole.substring(0, about), "=") >= 0) {
            whole = whole.substring(0, about);
        }
        int equals = last(whole, "=");
        return equals < 0 ? whole : whole.substring(equals + 1);
    }

    /** Where a sign stands last outside all braces and brackets; negative if it does not. */
    private static int last(String formula, String sign) {
        int depth = 0;
        int found = -1;
        for (int at = 0; at < formula.length(); at++) {
            switch (formula.charAt(at)) {
                case '{', '(', '[' -> depth++;
                case '}', ')', ']' -> depth--;
                default -> {
                    boolean equality = depth == 0
                            && formula.startsWith(sign, at)
                            && !(at > 0 && "<>!=".indexOf(formula.charAt(at - 1)) >= 0);
                    found = equality ? at : found;
                }
            }
        }
        return found;
    }
}
