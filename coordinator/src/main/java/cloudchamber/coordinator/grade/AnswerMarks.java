package cloudchamber.coordinator.grade;

import cloudchamber.coordinator.grade.algebra.AnswerText;
import cloudchamber.coordinator.grade.algebra.Lexer;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The marks of an answer in a text, by the first edition of the rules: the last box, the last {@code ####} line, the
 * last "answer is". Scans by hand, in time linear in the text.
 */
final class AnswerMarks {
    /*
     * The marks in the order they are trusted: the last \boxed{...}, the last "#### ..." line, the last
     * "answer is ...". An empty box is passed over for an earlier one, but only a few times: a text of
     * nothing but empty boxes must not cost more than one scan each.
     */
    private static final int BOXES_TRIED_MAX = 4;

    private static final int BOXES_JOINED_MAX = 8;
    private static final int JOINT_LENGTH_MAX = 40;
    private static final Set<String> JOINTS = Set.of("and", "or", "quad", "qquad", "text", "mbox");

    private static final String HASHES = "####";
    private static final List<String> BOXES = List.of("\\boxed", "\\fbox");
    private static final String[] PHRASES = {"final answer is", "answer is"};

    private AnswerMarks() {}

    /** A stretch of text, where its mark begins, and whether more text could still lengthen it. */
    record Found(String answer, int start, int end, boolean closed) {}

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

    /** The last box, and the boxes right before it: {@code \boxed{1} and \boxed{2}} is one answer. */
    private static Optional<Found> boxed(String text) {
        Optional<Found> last = Optional.empty();
        int before = text.length();
        for (int tried = 0; tried < BOXES_TRIED_MAX && last.isEmpty() && before > 0; tried++) {
            Optional<Found> box = boxBefore(text, before, BOXES);
            if (box.isEmpty()) {
                return Optional.empty();
            }
            // a box that holds nothing but an empty one is empty too
            last = box.filter(found -> !found.answer().isEmpty())
                    .filter(found -> !found.answer().startsWith(BOXES.getFirst()));
            before = box.get().start();
        }
        return last.map(found -> joined(text, found, BOXES));
    }

    /** A box and those that stand joined before it. @param marks the commands of a box */
    static Found joined(String text, Found last, List<String> marks) {
        Found answer = last;
        for (int joined = 0; joined < BOXES_JOINED_MAX; joined++) {
            Optional<Found> earlier = boxBefore(text, answer.start(), marks);
            boolean joins = earlier.isPresent()
                    && earlier.get().closed()
                    && !earlier.get().answer().isEmpty()
                    && earlier.get().end() <= answer.start()
                    && isJoint(text.substring(earlier.get().end(), answer.start()));
            if (!joins) {
                return answer;
            }
            answer = new Found(
                    earlier.get().answer() + ", " + answer.answer(),
                    earlier.get().start(),
                    answer.end(),
                    answer.closed());
        }
        return answer;
    }

    /** Whether nothing stands here but what joins two answers, on one line. */
    private static boolean isJoint(String between) {
        if (between.length() > JOINT_LENGTH_MAX) {
            return false;
        }
        int at = 0;
        while (at < between.length()) {
            int start = at;
            while (at < between.length() && Lexer.isLetter(between.charAt(at))) {
                at++;
            }
            if (at > start) {
                if (!JOINTS.contains(between.substring(start, at))) {
                    return false;
                }
            } else if (" $,;{}\\".indexOf(between.charAt(at++)) < 0) {
                return false;
            }
        }
        return true;
    }

    /** The last box that begins before a place. @param marks the commands of a box */
    static Optional<Found> boxBefore(String text, int before, List<String> marks) {
        int box = -1;
        String mark = "";
        for (String each : marks) {
            int at = before == 0 ? -1 : text.lastIndexOf(each, before - 1);
            if (at > box) {
                box = at;
                mark = each;
            }
        }
        return box < 0 ? Optional.empty() : Optional.of(box(text, box, box + mark.length()));
    }

    private static Found box(String text, int start, int from) {
        int open = from;
        while (open < text.length() && Character.isWhitespace(text.charAt(open))) {
            open++;
        }
        if (open == text.length()) {
            return new Found("", start, open, false);
        }
        if (text.charAt(open) != '{') {
            int end = open;
            while (end < text.length() && !Character.isWhitespace(text.charAt(end)) && text.charAt(end) != '$') {
                end++;
            }
            return new Found(AnswerText.tidy(text.substring(open, end)), start, end, end < text.length());
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
                return new Found(AnswerText.tidy(text.substring(open + 1, at)), start, at + 1, true);
            }
        }
        return new Found(AnswerText.tidy(text.substring(open + 1)), start, text.length(), false);
    }

    private static Optional<Found> hashed(String text) {
        int at = text.lastIndexOf(HASHES);
        if (at < 0) {
            return Optional.empty();
        }
        int end = lineEnd(text, at);
        String answer = AnswerText.tidy(text.substring(at + HASHES.length(), end));
        return answer.isEmpty() ? Optional.empty() : Optional.of(new Found(answer, at, end, end < text.length()));
    }

    private static Optional<String> phrased(String text) {
        for (String phrase : PHRASES) {
            int at = lastIndexIgnoringCase(text, phrase);
            if (at >= 0) {
                String answer = AnswerText.tidy(sentence(text, at + phrase.length()));
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

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }
}
