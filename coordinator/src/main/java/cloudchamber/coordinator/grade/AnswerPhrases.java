package cloudchamber.coordinator.grade;

import cloudchamber.coordinator.grade.Formulas.Formula;
import cloudchamber.coordinator.grade.algebra.AnswerText;
import cloudchamber.coordinator.grade.algebra.Edition;
import cloudchamber.coordinator.grade.algebra.Reader;
import cloudchamber.coordinator.grade.algebra.Steps;
import cloudchamber.coordinator.grade.algebra.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a text says after the word "answer": {@code Answer: 18}, a heading "Final Answer", "the answer is 18 because
 * ...". A place whose words are no answer is passed over for an earlier one.
 */
final class AnswerPhrases {
    private static final List<String> WORDS = List.of("answer", "\u7b54\u6848");

    /** So many places from the end are looked at. */
    private static final int TRIED_MAX = 32;

    /** An answer and the sentence it begins are shorter than this. */
    private static final int WINDOW = 2_000;

    private static final int SUBJECT_MAX = 100;
    private static final int WORDS_MAX = 3;

    private static final List<String> VERBS = List.of(
            "is",
            "are",
            "was",
            "will be",
            "would be",
            "should be",
            "must be",
            "equals",
            "becomes",
            "comes to",
            "\u662f",
            "\u4e3a");

    /** An answer in words never begins with one of these. */
    private static final Set<String> NO_ANSWERS = Set.of(
            "let",
            "let's",
            "lets",
            "we",
            "i",
            "first",
            "to",
            "see",
            "not",
            "below",
            "above",
            "given",
            "shown",
            "found",
            "as",
            "correct",
            "wrong",
            "incorrect",
            "unknown",
            "unclear",
            "that",
            "this",
            "it",
            "there",
            "step",
            "explanation",
            "solution",
            "here",
            "in",
            "provided",
            "based",
            "also",
            "therefore",
            "then",
            "so",
            "known",
            "obtained",
            "still",
            "now",
            "obvious",
            "clear",
            "simply",
            "indeed");

    /** Two asterisks that are no power. */
    private static final Pattern EMPHASIS = Pattern.compile("(?<![A-Za-z0-9)])\\*\\*|\\*\\*(?![A-Za-z0-9(])");

    private AnswerPhrases() {}

    /** The last answer that is said to be one, with what belongs to it; empty if none is. */
    static Optional<String> last(String text) {
        return last(text, AnswerPhrases::mathematical);
    }

    /** As {@link #last(String)}, with the words as they stand. */
    static Optional<String> lastAsWritten(String text) {
        return last(
                text,
                content -> Optional.of(undecorated(Clauses.sentence(content))).filter(answer -> !answer.isEmpty()));
    }

    /** Reads the answer from what stands behind a mark. */
    interface Content {
        Optional<String> answer(String content);
    }

    static Optional<String> last(String text, Content content) {
        int before = text.length();
        for (int tried = 0; tried < TRIED_MAX && before > 0; tried++) {
            int found = -1;
            String word = "";
            for (String each : WORDS) {
                int at = lastIndex(text, each, before - 1);
                if (at > found) {
                    found = at;
                    word = each;
                }
            }
            if (found < 0) {
                return Optional.empty();
            }
            Optional<String> answer = behind(text, found, found + word.length()).flatMap(content::answer);
            if (answer.isPresent()) {
                return answer;
            }
            before = found;
        }
        return Optional.empty();
    }

    private static int lastIndex(String text, String word, int from) {
        for (int at = Math.min(from, text.length() - word.length()); at >= 0; at--) {
            char first = Character.toLowerCase(text.charAt(at));
            if (first == word.charAt(0) && text.regionMatches(true, at, word, 0, word.length())) {
                return at;
            }
        }
        return -1;
    }

    /** The text behind a mark, from the first character of the answer on; empty if the word is no mark. */
    private static Optional<String> behind(String text, int start, int wordEnd) {
        int at = wordEnd;
        if (text.startsWith("s", at)) {
            at++;
        }
        if (at < text.length() && Character.isLetter(text.charAt(at)) && text.charAt(at) < 128) {
            return Optional.empty();
        }
        if (text.startsWith(">", at) && start > 0 && text.charAt(start - 1) == '<') {
            int close = text.indexOf("</", at);
            String inside = text.substring(at + 1, close < 0 ? text.length() : close);
            return Optional.of(window(inside.strip(), 0));
        }
        int next = decoration(text, at);
        if (next < text.length() && ":\uff1a=".indexOf(text.charAt(next)) >= 0) {
            return content(text, next + 1);
        }
        if (isHeading(text, start, next)) {
            return content(text, next);
        }
        Optional<Integer> verb = verb(text, next);
        if (verb.isPresent()) {
            return content(text, verb.get());
        }
        return subject(text, next).flatMap(place -> content(text, place));
    }

    /** Behind blanks on the line and marks of emphasis. */
    private static int decoration(String text, int from) {
        int at = from;
        while (at < text.length() && " \t*_`}".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at;
    }

    /** Whether a line holds nothing but the mark: "### Final Answer", "**Answer**". */
    private static boolean isHeading(String text, int start, int end) {
        if (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
            return false;
        }
        int lineStart = text.lastIndexOf('\n', start - 1) + 1;
        String before = text.substring(Math.max(lineStart, start - SUBJECT_MAX), start)
                .replaceAll("[#*_\\s>]", "")
                .toLowerCase(Locale.ROOT);
        return Set.of("", "final", "the", "thefinal", "my", "myfinal", "\\textbf{final", "\\text{final", "correct")
                .contains(before);
    }

    /** Behind a verb and a colon: {@code is}, {@code should be:}. */
    private static Optional<Integer> verb(String text, int at) {
        for (String verb : VERBS) {
            int end = at + verb.length();
            boolean ends = end >= text.length() || !Character.isLetter(text.charAt(end)) || verb.charAt(0) > 127;
            if (text.regionMatches(true, at, verb, 0, verb.length()) && ends) {
                return Optional.of(colon(text, end));
            }
        }
        return Optional.empty();
    }

    private static int colon(String text, int from) {
        int at = decoration(text, from);
        return at < text.length() && ":\uff1a".indexOf(text.charAt(at)) >= 0 ? at + 1 : from;
    }

    /** "answer to the problem is": the verb behind a subject that goes on, in the same sentence. */
    private static Optional<Integer> subject(String text, int from) {
        boolean goesOn = text.startsWith("to ", from)
                || text.startsWith("for ", from)
                || text.startsWith("of ", from)
                || text.startsWith("(", from)
                || text.startsWith(",", from)
                || text.startsWith("in ", from);
        if (!goesOn) {
            return Optional.empty();
        }
        String subject = Clauses.sentence(text.substring(from, Math.min(text.length(), from + SUBJECT_MAX)));
        int is = subject.lastIndexOf(" is");
        boolean ends = is >= 0 && (is + 3 == subject.length() || !Character.isLetter(subject.charAt(is + 3)));
        return ends ? Optional.of(colon(text, from + is + 3)) : Optional.empty();
    }

    /** The text from an answer on: on the line, or the next that is not blank. */
    private static Optional<String> content(String text, int from) {
        int at = from;
        while (at < text.length()
                && (Character.isWhitespace(text.charAt(at)) || ":\uff1a*_`>".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        return at == text.length() ? Optional.empty() : Optional.of(window(text, at));
    }

    private static String window(String text, int from) {
        return text.substring(from, Math.min(text.length(), from + WINDOW));
    }

    // ---- what is said

    /** The answer that a sentence begins with, as far as it can be read. */
    static Optional<String> mathematical(String content) {
        String text = unlisted(content);
        Optional<Formula> display = Formulas.at(text, 0).filter(formula -> formula.end() - formula.start() > 2);
        if (display.isPresent() && (text.startsWith("$$") || text.startsWith("\\["))) {
            return Optional.of(AnswerText.tidy(display.get().content())).filter(answer -> !answer.isEmpty());
        }
        String sentence = Clauses.sentence(text);
        String clause = Clauses.answer(sentence);
        if (display.isPresent()) {
            return Optional.of(joined(clause, display.get()));
        }
        String answer = undecorated(clause);
        if (answer.isEmpty() || answer.startsWith("not ")) {
            return Optional.empty();
        }
        if (isProse(answer) || answer.matches("(?i)(?:the|an?|that) .*") && isProse(sentence)) {
            return Quantities.last(sentence);
        }
        return switch (Reader.read(answer, Edition.SECOND, new Steps())) {
            case Value.Words(String words) -> isAnswer(words) ? Optional.of(answer) : Optional.empty();
            case Value.Unread unread -> unread(answer);
            case Value.Relation relation -> Optional.of(relation(answer));
            case Value other -> Optional.of(answer);
        };
    }

    /** Without the number or dash of a list. */
    private static String unlisted(String content) {
        return content.startsWith("- ") && content.length() > 2 ? content.substring(2) : content;
    }

    /** "5 + 3 = 8" says 8; "x = 3" and "x > 3" stay whole. */
    private static String relation(String answer) {
        String value = AnswerText.tidy(Formulas.value(answer));
        String left = answer.substring(0, Math.max(0, answer.lastIndexOf('=')));
        boolean computed = left.chars().anyMatch(Character::isDigit) && answer.indexOf('=') == answer.lastIndexOf('=');
        return (computed || answer.indexOf('=') != answer.lastIndexOf('=')) && Quantities.isReadable(value)
                ? value
                : answer;
    }

    private static Optional<String> unread(String answer) {
        Optional<Formula> formula = Formulas.in(answer).stream().findFirst();
        if (formula.isPresent()) {
            return Optional.of(joined(answer, formula.get()));
        }
        Optional<String> amount = Quantities.first(currency(answer));
        return amount.or(() -> Quantities.last(answer)).or(() -> symbols(answer));
    }

    /** What nobody can read, but is no prose: it may be compared as text. */
    private static Optional<String> symbols(String answer) {
        return answer.indexOf('\\') >= 0 && answer.length() < SUBJECT_MAX ? Optional.of(answer) : Optional.empty();
    }

    private static String currency(String answer) {
        int at = 0;
        while (at < answer.length()
                && "\\$\u20ac\u00a3\u00a5\uffe5\u20b9\u20a9\u20bd ".indexOf(answer.charAt(at)) >= 0) {
            at++;
        }
        return answer.substring(at);
    }

    /** A formula and those joined to it: {@code $2$ and $3$}, or its unit in words. */
    private static String joined(String sentence, Formula first) {
        List<String> parts = new ArrayList<>(List.of(first.content()));
        int end = first.end();
        for (Formula formula : Formulas.in(sentence)) {
            if (formula.start() < end) {
                continue;
            }
            String between = sentence.substring(end, formula.start()).strip();
            if (!Set.of(",", "and", "or", ", and", ", or", "&").contains(between)) {
                break;
            }
            parts.add(formula.content());
            end = formula.end();
        }
        if (parts.size() == 1) {
            String whole = undecorated(sentence.substring(first.start()));
            boolean unit = !sentence.substring(first.end()).isBlank()
                    && sentence.substring(first.end()).matches("\\s*+\\\\?+%?+[A-Za-z ^0-9/\u00b0.]*+")
                    && Reader.read(whole, Edition.SECOND, new Steps()) instanceof Value.Scalar;
            return unit ? whole : AnswerText.tidy(first.content());
        }
        return String.join(", ", parts);
    }

    private static boolean isAnswer(String words) {
        String[] each = words.split(" ");
        return each.length <= WORDS_MAX && !NO_ANSWERS.contains(each[0]);
    }

    /** Whether a sentence begins with several words and comes to a number later. */
    private static boolean isProse(String sentence) {
        return sentence.matches("(?s)[A-Za-z']{1,20}+,?+ [A-Za-z']++\\b.*\\p{Nd}.*");
    }

    /** Without blanks, emphasis, quotation marks and what ends a sentence. */
    static String undecorated(String sentence) {
        int start = 0;
        int end = sentence.length();
        while (start < end
                && (Character.isWhitespace(sentence.charAt(start))
                        || "*_`\"\u201c".indexOf(sentence.charAt(start)) >= 0)) {
            start++;
        }
        while (end > start
                && (Character.isWhitespace(sentence.charAt(end - 1))
                        || "*_`\"\u201d,;:!\u3002".indexOf(sentence.charAt(end - 1)) >= 0
                                && !isEscaped(sentence, end - 1))) {
            end--;
        }
        return AnswerText.tidy(EMPHASIS.matcher(sentence.substring(start, end)).replaceAll(""));
    }

    private static boolean isEscaped(String text, int at) {
        return at > 0 && text.charAt(at - 1) == '\\';
    }
}
