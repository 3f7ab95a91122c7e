package cloudchamber.coordinator.grade;

import cloudchamber.coordinator.grade.Formulas.Formula;
import cloudchamber.coordinator.grade.algebra.FunctionNames;
import cloudchamber.coordinator.grade.algebra.Lexer;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Where the answer ends in a sentence that goes on. */
final class Clauses {
    /** These begin a clause that is no part of an answer, or belong to one. */
    private static final Set<String> BREAKS = Set.of(
            "because",
            "since",
            "as",
            "which",
            "so",
            "where",
            "when",
            "while",
            "but",
            "hence",
            "thus",
            "therefore",
            "after",
            "before",
            "given",
            "assuming",
            "according",
            "rather",
            "not",
            "by",
            "due",
            "i.e.",
            "that's",
            "if",
            "obtained",
            "using",
            "of");

    private static final Set<String> VERBS = Set.of(
            "is",
            "are",
            "was",
            "were",
            "be",
            "been",
            "has",
            "have",
            "had",
            "left",
            "remain",
            "remains",
            "remained",
            "will",
            "would",
            "can",
            "could",
            "should",
            "must",
            "does",
            "do",
            "did",
            "go",
            "goes",
            "went",
            "get",
            "gets",
            "got",
            "gives",
            "gave",
            "give");

    private static final Set<String> JOINTS = Set.of("and", "or");

    private Clauses() {}

    /** Whether a clause has a verb before it ends. */
    static boolean hasVerb(String text) {
        for (String word : sentence(text).split("[^A-Za-z']+")) {
            if (VERBS.contains(word.toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }

    /** The first sentence of a text, on its line, without the mark that ends it. */
    static String sentence(String text) {
        List<Formula> formulas = Formulas.in(firstLine(text));
        int depth = 0;
        for (int at = 0; at < text.length() && text.charAt(at) != '\n'; at++) {
            int place = at;
            Formula inside = formulas.stream()
                    .filter(formula -> formula.start() <= place && place < formula.end())
                    .findFirst()
                    .orElse(null);
            if (inside != null) {
                at = inside.end() - 1;
                continue;
            }
            switch (text.charAt(at)) {
                case '{' -> depth++;
                case '}' -> depth--;
                case '.', '!', '?', '\u3002' -> {
                    if (depth <= 0 && endsSentence(text, at)) {
                        return text.substring(0, at);
                    }
                }
                default -> {}
            }
        }
        return firstLine(text);
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    /** A full stop before a blank, but no abbreviation; an exclamation mark, but no factorial in a formula. */
    private static boolean endsSentence(String text, int at) {
        int next = at + 1;
        while (next < text.length() && "*_`\"')".indexOf(text.charAt(next)) >= 0) {
            next++;
        }
        boolean last = next >= text.length() || text.charAt(next) == '\n' || text.charAt(at) == '\u3002';
        if (!last && !Character.isWhitespace(text.charAt(next))) {
            return false;
        }
        if (text.charAt(at) == '!') {
            int word = next;
            while (word < text.length() && text.charAt(word) == ' ') {
                word++;
            }
            return word >= text.length() || "=+-*/^\\".indexOf(text.charAt(word)) < 0;
        }
        if (text.charAt(at) == '.') {
            String before = text.substring(Math.max(0, at - 4), at).toLowerCase(Locale.ROOT);
            return last
                    || !(before.endsWith("p.m")
                            || before.endsWith("a.m")
                            || before.endsWith(" p") && text.startsWith(" m", at + 1)
                            || before.equals("rs")
                            || before.endsWith(" rs")
                            || before.endsWith(" no")
                            || before.endsWith("approx"));
        }
        return true;
    }

    /**
     * The part of a sentence that can be the answer: up to a word such as "because", and without the last of several
     * joined things if that has a verb of its own.
     */
    static String answer(String sentence) {
        List<Formula> formulas = Formulas.in(sentence);
        int joint = -1;
        int at = 0;
        while (at < sentence.length()) {
            int place = at;
            Formula inside = formulas.stream()
                    .filter(formula -> formula.start() <= place && place < formula.end())
                    .findFirst()
                    .orElse(null);
            if (inside != null) {
                at = inside.end();
                continue;
            }
            char character = sentence.charAt(at);
            if (character == '\\') {
                at = command(sentence, at);
                continue;
            }
            boolean wordStart = Character.isLetter(character) && (at == 0 || !isWordPart(sentence.charAt(at - 1)));
            if (character == '(' && at > 0 && isRemark(sentence, at)
                    || character == ',' && at > 0 && !Character.isDigit(next(sentence, at)) && isRemark(sentence, at)) {
                return sentence.substring(0, at);
            }
            if (!wordStart) {
                at++;
                continue;
            }
            int wordEnd = at;
            while (wordEnd < sentence.length() && isWordPart(sentence.charAt(wordEnd))) {
                wordEnd++;
            }
            String word = sentence.substring(at, wordEnd).toLowerCase(Locale.ROOT);
            if (JOINTS.contains(word)) {
                joint = at;
            } else if (at > 0 && (BREAKS.contains(word) || VERBS.contains(word))) {
                boolean joined = joint > 0
                        && (VERBS.contains(word)
                                || sentence.substring(joint, at).indexOf(' ') == at - joint - 1);
                return sentence.substring(0, joined ? joint : at);
            }
            at = wordEnd;
        }
        return sentence;
    }

    /** Whether words of prose follow a bracket or a comma, rather than another answer. */
    private static boolean isRemark(String sentence, int at) {
        int start = at + 1;
        while (start < sentence.length() && sentence.charAt(start) == ' ') {
            start++;
        }
        int end = start;
        while (end < sentence.length() && Lexer.isLetter(sentence.charAt(end))) {
            end++;
        }
        boolean word = end - start >= 2 && end < sentence.length() && " ,.:".indexOf(sentence.charAt(end)) >= 0;
        String text = sentence.substring(start, end).toLowerCase(Locale.ROOT);
        return word && !JOINTS.contains(text) && !FunctionNames.contains(text);
    }

    /** Behind a command and its braces: {@code \text{ so many}} is no clause. */
    private static int command(String text, int start) {
        int at = start + 1;
        while (at < text.length() && Lexer.isLetter(text.charAt(at))) {
            at++;
        }
        if (at == start + 1) {
            return Math.min(text.length(), at + 1);
        }
        int depth = 0;
        while (at < text.length() && (depth > 0 || text.charAt(at) == '{')) {
            depth += text.charAt(at) == '{' ? 1 : text.charAt(at) == '}' ? -1 : 0;
            at++;
        }
        return at;
    }

    private static char next(String text, int at) {
        int next = at + 1;
        while (next < text.length() && text.charAt(next) == ' ') {
            next++;
        }
        return next < text.length() ? text.charAt(next) : '\0';
    }

    private static boolean isWordPart(char character) {
        return Character.isLetter(character) || character == '\'' || character == '.';
    }
}
