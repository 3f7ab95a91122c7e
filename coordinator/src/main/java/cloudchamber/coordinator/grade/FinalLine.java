package cloudchamber.coordinator.grade;

import java.util.regex.Pattern;

/** Whether a text ends in a line that is nothing but the final answer. Looks at that line alone, in linear time. */
final class FinalLine {
    /** A number after {@code ####}, as a heading does not have it alone. */
    private static final Pattern HASHES =
            Pattern.compile("#{4}[ \\t$€£+*-]*+(?:\\d[\\d,.]*+)(?:/\\d++)?\\\\?%?[ \\t$.*]*+");

    /** What may stand before a box. */
    private static final Pattern LEAD = Pattern.compile(
            "(?:[$*_ \\t]|\\\\\\[|\\\\\\()*+(?:(?i:(?:(?:so|thus|therefore|hence),? )?(?:the )?(?:final )?answer(?: is)?:?))?"
                    + "(?:[$*_: \\t]|\\\\\\[|\\\\\\()*+");

    /** What may stand after a box. */
    private static final Pattern TRAIL = Pattern.compile("(?:[$*_. \\t]|\\\\\\]|\\\\\\))*+");

    private static final int LENGTH_MAX = 1000;

    private FinalLine() {}

    /** Whether the last line that is not blank is over and is nothing but an answer. */
    static boolean stands(String text) {
        int end = text.length();
        while (end > 0 && Character.isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        boolean over = text.indexOf('\n', end) >= 0;
        int start = text.lastIndexOf('\n', end - 1) + 1;
        if (!over || end - start > LENGTH_MAX) {
            return false;
        }
        var line = text.substring(start, end).strip();
        return HASHES.matcher(line).matches() || isBox(line);
    }

    private static boolean isBox(String line) {
        int box = Math.max(line.lastIndexOf("\\boxed{"), line.lastIndexOf("\\fbox{"));
        if (box < 0 || !LEAD.matcher(line.substring(0, box)).matches()) {
            return false;
        }
        int depth = 0;
        for (int at = line.indexOf('{', box); at < line.length(); at++) {
            switch (line.charAt(at)) {
                case '\\' -> at++;
                case '{' -> depth++;
                case '}' -> depth--;
                default -> {}
            }
            if (depth == 0) {
                return TRAIL.matcher(line.substring(at + 1)).matches();
            }
        }
        return false;
    }
}
