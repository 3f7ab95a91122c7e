package cloudchamber.coordinator.grade.algebra;

/** The text of an answer, apart from what surrounds it. */
public final class AnswerText {
    private AnswerText() {}

    /** Without what surrounds an answer but is no part of it: blanks, dollars, a whole pair of braces, a full stop. */
    public static String tidy(String answer) {
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
            if (start < end && isStop(answer, end - 1)) {
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

    /** A full stop or a colon, but no dot of an ellipsis. */
    private static boolean isStop(String answer, int at) {
        return answer.charAt(at) == ':' || answer.charAt(at) == '.' && (at == 0 || answer.charAt(at - 1) != '.');
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
}
