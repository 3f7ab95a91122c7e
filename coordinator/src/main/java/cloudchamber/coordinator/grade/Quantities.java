package cloudchamber.coordinator.grade;

import cloudchamber.coordinator.grade.Formulas.Formula;
import cloudchamber.coordinator.grade.algebra.AnswerText;
import cloudchamber.coordinator.grade.algebra.Edition;
import cloudchamber.coordinator.grade.algebra.Reader;
import cloudchamber.coordinator.grade.algebra.Steps;
import cloudchamber.coordinator.grade.algebra.Value;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers as people and programs write them in running text. */
final class Quantities {
    private static final String DIGITS = "\\p{Nd}++";
    private static final String MINUS = "[-\\u2212\\u2010-\\u2013\\ufe63\\uff0d]";

    /** All quantifiers are possessive, so that a text is read once. */
    private static final Pattern NUMBER = Pattern.compile("(?:(?<![\\p{L}\\p{Nd})\\]}])" + MINUS + ")?+"
            + "(?:"
            + String.join(
                    "|",
                    // a time of day or a ratio
                    "\\p{Nd}{1,4}+(?:[:\\uff1a]" + DIGITS + "){1,2}+(?:\\s?+[AaPp]\\.?+[Mm]\\b\\.?+)?+",
                    // a mixed number
                    DIGITS + " " + DIGITS + "/" + DIGITS,
                    "\\u221a" + DIGITS,
                    "(?:" + DIGITS + "(?:[,\\u066c\\uff0c]" + DIGITS + "|['\\u2019]\\p{Nd}{3}+(?!\\p{Nd}))*+"
                            + "(?:[.\\u066b]" + DIGITS + ")?+|\\." + DIGITS + ")"
                            + "(?:[eE][-+\\u2212]?+" + DIGITS + ")?+"
                            + "(?:\\s?+(?:[\\u00d7xX*\\u00b7]|\\\\times|\\\\cdot)\\s?+10(?:\\s?+(?:\\^|\\*\\*)\\s?+\\{?+"
                            + "[-+\\u2212]?+" + DIGITS
                            + "\\}?+|[\\u207b\\u2070\\u00b9\\u00b2\\u00b3\\u2074-\\u2079]++))?+"
                            + "(?:\\^\\{?+" + MINUS + "?+" + DIGITS + "\\}?+)?+"
                            + "(?:_\\{?+" + DIGITS + "\\}?+)?+"
                            + "(?:/" + DIGITS + ")?+"
                            + "(?:\\u221a" + DIGITS + "|\\s?+(?:\\u03c0|pi\\b|\\\\pi\\b))?+")
            + ")(?:\\s?+\\\\?+[%\\uff05\\u066a])?+");

    /** A number that is counted in another clause: "18 apples and 3 pears were left". */
    private static final Pattern ASIDE =
            Pattern.compile("(?:,?+ and|,|;) $|(?:,?+ and|,|;) (?:the|only|another|also|just|about) $");

    /** No more of a line than this many characters either side of its last digit is read. */
    private static final int LINE_MAX = 2_000;

    private static final List<String> LATEX = List.of("\\frac", "\\dfrac", "\\tfrac", "\\sqrt");

    private Quantities() {}

    /** The number that a text begins with. */
    static Optional<String> first(String text) {
        Matcher matcher = NUMBER.matcher(text);
        return matcher.lookingAt() ? Optional.of(matcher.group()) : Optional.empty();
    }

    /** The last number of a text, or the formula that it stands in. */
    static Optional<String> last(String text) {
        int digit = text.length() - 1;
        while (digit >= 0 && !Character.isDigit(text.charAt(digit))) {
            digit--;
        }
        if (digit < 0) {
            return Optional.empty();
        }
        int start = Math.max(text.lastIndexOf('\n', digit) + 1, digit - LINE_MAX);
        int lineEnd = text.indexOf('\n', digit);
        int end = Math.min(lineEnd < 0 ? text.length() : lineEnd, digit + LINE_MAX);
        String line = text.substring(start, end);
        return lastInLine(line, digit - start);
    }

    private static Optional<String> lastInLine(String line, int digit) {
        for (Formula formula : Formulas.in(line)) {
            if (formula.start() <= digit && digit < formula.end()) {
                return ofFormula(formula.content());
            }
        }
        if (isFormula(line)) {
            return ofFormula(line);
        }
        return latex(line, digit).or(() -> plain(line));
    }

    /** The value of a formula, or the last number in it where it has none that can be read. */
    private static Optional<String> ofFormula(String formula) {
        String value = AnswerText.tidy(Formulas.value(formula));
        return isReadable(value) ? Optional.of(value) : plain(formula);
    }

    /** Whether a whole line is mathematics, as between the lines of a display. */
    private static boolean isFormula(String line) {
        return (line.indexOf('\\') >= 0 || line.indexOf('=') >= 0)
                && isReadable(AnswerText.tidy(line))
                && !line.contains("boxed")
                && !line.matches(".*[A-Za-z]{3,}+ .*");
    }

    static boolean isReadable(String answer) {
        return !answer.isEmpty()
                && switch (Reader.read(answer, Edition.SECOND, new Steps())) {
                    case Value.Unread unread -> false;
                    case Value.Words words -> false;
                    case Value other -> true;
                };
    }

    /** A fraction or a root outside a formula whose braces hold the last digit. */
    private static Optional<String> latex(String line, int digit) {
        int start = -1;
        for (String command : LATEX) {
            start = Math.max(start, line.lastIndexOf(command, digit));
        }
        if (start < 0) {
            return Optional.empty();
        }
        int end = start;
        int depth = 0;
        while (end < line.length() && (depth > 0 || !Character.isWhitespace(line.charAt(end)))) {
            depth += line.charAt(end) == '{' ? 1 : line.charAt(end) == '}' ? -1 : 0;
            end++;
        }
        if (end <= digit) {
            return Optional.empty();
        }
        while (start > 0 && "-0123456789.\\frac{}sqt".indexOf(line.charAt(start - 1)) >= 0) {
            start--;
        }
        String answer = AnswerText.tidy(line.substring(start, end));
        return isReadable(answer) ? Optional.of(answer) : Optional.empty();
    }

    private static Optional<String> plain(String line) {
        List<MatchResult> numbers = NUMBER.matcher(line).results().toList();
        if (numbers.isEmpty()) {
            return Optional.empty();
        }
        MatchResult last = numbers.getLast();
        if (numbers.size() > 1) {
            MatchResult before = numbers.get(numbers.size() - 2);
            if (isAside(line, before, last)) {
                return Optional.of(before.group().strip());
            }
        }
        return Optional.of(last.group().strip());
    }

    /** Whether the last number is counted in a clause of its own after the one before it, which "is" the answer. */
    private static boolean isAside(String line, MatchResult before, MatchResult last) {
        String lead = line.substring(0, before.start());
        String between = line.substring(before.end(), last.start());
        String after = line.substring(last.end());
        boolean stated = lead.matches("(?s).*\\b(?:is|are|equals|was|were) [$]?+");
        return stated && ASIDE.matcher(between).find() && between.indexOf('.') < 0 && Clauses.hasVerb(after);
    }
}
