package cloudchamber.coordinator.grade;

import java.util.Optional;

/** Where the answer stands in a text. Scans by hand, in time linear in the text. */
final class Extraction {
    /*
     * The marks in the order they are trusted: the last \boxed{...}, the last "#### ..." line, the last
     * "answer is ...". An empty box is passed over for an earlier one, but only a few times: a text of
     * nothing but empty boxes must not cost more than one scan each.
     */
    private static final int BOXES_TRIED_MAX = 4;

    private static final String HASHES = "####";
    private static final String[] BOXES = {"\\boxed", "\\fbox"};
    private static final String[] PHRASES = {"final answer is", "answer is"};

    private Extraction() {}

    /** A stretch of text, and whether more text could still lengthen it. */
    private record Found(String answer, boolean closed) {}

    /** The answer of a data set's row: what stands after {@code ####}, or the whole. */
    static String gold(String gold) {
        return hashed(gold).map(Found::answer).orElse(gold);
    }

    /** The answer a text marks as such; empty if it marks none. */
    static Optional<String> marked(String text) {
        return boxed(text).or(() -> hashed(text)).map(Found::answer).or(() -> phrased(text));
    }

    /** Whether a marked answer stands there whole. */
    static boolean complete(String text) {
        return boxed(text).filter(Found::closed).isPresent()
                || hashed(text).filter(Found::closed).isPresent();
    }

    /** The last number in a text, with its sign, its fraction and its percent sign. */
    static Optional<String> lastNumber(String text) {
        int end = text.length();
        while (end > 0 && !isDigit(text.charAt(end - 1))) {
            end--;
        }
        if (end == 0) {
            return Optional.empty();
        }
        int start = numeralStart(text, end);
        if (start >= 2 && text.charAt(start - 1) == '/' && isDigit(text.charAt(start - 2))) {
            start = numeralStart(text, start - 1);
        }
        boolean negative = start > 0
                && text.charAt(start - 1) == '-'
                && (start == 1 || !Character.isLetterOrDigit(text.charAt(start - 2)));
        boolean percent = text.startsWith("%", end) || text.startsWith("\\%", end);
        return Optional.of((negative ? "-" : "") + text.substring(start, end) + (percent ? "%" : ""));
    }

    private static int numeralStart(String text, int end) {
        int start = end;
        while (start > 0 && (isDigit(text.charAt(start - 1)) || isPointInside(text, start - 1))) {
            start--;
        }
        return start;
    }

    /** A point or comma that a digit follows belongs to the number; a leading comma does not. */
    private static boolean isPointInside(String text, int at) {
        char mark = text.charAt(at);
        return isDigit(text.charAt(at + 1)) && (mark == '.' || mark == ',' && at > 0 && isDigit(text.charAt(at - 1)));
    }

    private static Optional<Found> boxed(String text) {
        int before = text.length();
        for (int tried = 0; tried < BOXES_TRIED_MAX; tried++) {
            int box = -1;
            String mark = BOXES[0];
            for (String each : BOXES) {
                int at = text.lastIndexOf(each, before - 1);
                if (at > box) {
                    box = at;
                    mark = each;
                }
            }
            if (box < 0) {
                return Optional.empty();
            }
            Found found = afterBox(text, box + mark.length());
            boolean holdsTheLater = found.answer().startsWith(BOXES[0]);
            if (!found.answer().isEmpty() && !holdsTheLater) {
                return Optional.of(found);
            }
            before = box;
        }
        return Optional.empty();
    }

    private static Found afterBox(String text, int from) {
        int open = from;
        while (open < text.length() && Character.isWhitespace(text.charAt(open))) {
            open++;
        }
        if (open == text.length()) {
            return new Found("", false);
        }
        if (text.charAt(open) != '{') {
            int end = open;
            while (end < text.length() && !Character.isWhitespace(text.charAt(end)) && text.charAt(end) != '$') {
                end++;
            }
            return new Found(tidy(text.substring(open, end)), end < text.length());
        }
        int depth = 0;
        for (int at = open; at < text.length(); at++) {
            switch (text.charAt(at)) {
                case '\\' -> at++;
                case '{' -> depth++;
                case '}' -> depth--;
                default -> {}
            }
            if (depth == 0) {
                return new Found(tidy(text.substring(open + 1, at)), true);
            }
        }
        return new Found(tidy(text.substring(open + 1)), false);
    }

    private static Optional<Found> hashed(String text) {
        int at = text.lastIndexOf(HASHES);
        if (at < 0) {
            return Optional.empty();
        }
        int end = lineEnd(text, at);
        String answer = tidy(text.substring(at + HASHES.length(), end));
        return answer.isEmpty() ? Optional.empty() : Optional.of(new Found(answer, end < text.length()));
    }

    private static Optional<String> phrased(String text) {
        for (String phrase : PHRASES) {
            int at = lastIndexIgnoringCase(text, phrase);
            if (at >= 0) {
                String answer = tidy(sentence(text, at + phrase.length()));
                if (!answer.isEmpty()) {
                    return Optional.of(answer);
                }
            }
        }
        return Optional.empty();
    }

    /** From {@code from}: what stands between dollars or \( \), or else up to the end of the sentence. */
    private static String sentence(String text, int from) {
        int start = from;
        while (start < text.length()
                && (text.charAt(start) == ':' || text.charAt(start) == '*' || text.charAt(start) == ' ')) {
            start++;
        }
        int lineEnd = lineEnd(text, start);
        if (text.startsWith("$", start)) {
            int inner = start;
            while (inner < text.length() && text.charAt(inner) == '$') {
                inner++;
            }
            int close = text.indexOf('$', inner);
            return close < 0 ? text.substring(inner, lineEnd(text, inner)) : text.substring(inner, close);
        }
        if (text.startsWith("\\(", start) || text.startsWith("\\[", start)) {
            int close = text.indexOf(text.charAt(start + 1) == '(' ? "\\)" : "\\]", start);
            return text.substring(start + 2, close < 0 ? lineEnd : close);
        }
        int stop = text.indexOf(". ", start);
        return text.substring(start, stop < 0 ? lineEnd : Math.min(stop, lineEnd));
    }

    private static int lineEnd(String text, int from) {
        int end = text.indexOf('\n', from);
        return end < 0 ? text.length() : end;
    }

    private static int lastIndexIgnoringCase(String text, String phrase) {
        for (int at = text.length() - phrase.length(); at >= 0; at--) {
            if (text.regionMatches(true, at, phrase, 0, phrase.length())) {
                return at;
            }
        }
        return -1;
    }

    /** Without what surrounds an answer but is no part of it: blanks, dollars, a whole pair of braces, a full stop. */
    static String tidy(String answer) {
        int start = 0;
        int end = answer.length();
        boolean changed = true;
        while (changed && start < end) {
            int startBefore = start;
            int endBefore = end;
            while (start < end && isPadding(answer.charAt(start))) {
                start++;
            }
            while (start < end && isPadding(answer.charAt(end - 1)) && !isEscaped(answer, end - 1)) {
                end--;
            }
            if (start < end && (answer.charAt(end - 1) == '.' || answer.charAt(end - 1) == ':')) {
                end--;
            }
            if (start < end && answer.charAt(start) == ':') {
                start++;
            }
            changed = start != startBefore || end != endBefore;
        }
        String tidied = answer.substring(start, end);
        int inner = wholeBraces(tidied);
        return inner == 0
                ? tidied
                : tidied.substring(inner, tidied.length() - inner).strip();
    }

    /** How many pairs of braces enclose the whole answer. */
    private static int wholeBraces(String answer) {
        int pairs = 0;
        while (pairs < answer.length() && answer.charAt(pairs) == '{') {
            pairs++;
        }
        if (pairs == 0) {
            return 0;
        }
        // the lowest depth inside is how many of the leading braces stay open to the end
        int depth = 0;
        int lowest = pairs;
        int closing = answer.length();
        while (closing > 0 && answer.charAt(closing - 1) == '}' && !isEscaped(answer, closing - 1)) {
            closing--;
        }
        for (int at = 0; at < closing; at++) {
            switch (answer.charAt(at)) {
                case '\\' -> at++;
                case '{' -> depth++;
                case '}' -> depth--;
                default -> {}
            }
            if (at >= pairs) {
                lowest = Math.min(lowest, depth);
            }
        }
        return Math.max(0, Math.min(lowest, answer.length() - closing));
    }

    private static boolean isEscaped(String text, int at) {
        int slashes = 0;
        while (at - slashes > 0 && text.charAt(at - slashes - 1) == '\\') {
            slashes++;
        }
        return slashes % 2 == 1;
    }

    private static boolean isPadding(char character) {
        return Character.isWhitespace(character) || character == '$' || character == '*';
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }
}
