package cloudchamber.coordinator.grade;

import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The letter of a multiple choice that a text settles on, by the second edition of the rules. */
final class Choices {
    private static final String LETTER = "[A-J]";
    private static final int WINDOW = 200;

    /** A letter that stands where an answer begins: {@code B}, {@code **B**}, {@code (b)}, {@code B, because ...}. */
    private static final Pattern LEADING = Pattern.compile(
            "(?:(?:option|choice|answer|letter)\\s++)?+(?:\\\\(?:text|textbf|mathrm|mathbf|boxed)\\{|[*_`\"$({\\[\\s])*+"
                    + "([A-Ja-j])(?![A-Za-z0-9])(?=[*_`\"'$)}\\].,;:]|\\s*+$|\\s*+\\n"
                    + "|\\s++(?:because|since|as|is|\\(|-|\\u2013|\\u2014))");

    /** A letter that stands out in a text: {@code **B**}, {@code (B)}, {@code option B}. */
    private static final Pattern OUTSTANDING = Pattern.compile("\\*\\*\\(?+(" + LETTER + ")[).:]?+\\*\\*|\\((" + LETTER
            + ")\\)|(?i:\\b(?:option|choice)) \\(?+(" + LETTER + ")\\b|`(" + LETTER + ")`|\\\\text(?:bf)?+\\{\\(?+("
            + LETTER + ")\\)?+\\}");

    /** "C is correct", "(C) is the right answer". */
    private static final Pattern DECLARED =
            Pattern.compile("(?<![A-Za-z])\\(?+(" + LETTER + ")\\)?+(?:\\*\\*)?+ is (?:the |"
                    + "therefore |thus |also |clearly )?+(?:correct|right|best|answer)|(?i:correct|right|best|final) (?i:option|choice|letter)"
                    + "(?: is|:) \\(?+(?:\\*\\*)?+\\(?+(" + LETTER + ")(?![A-Za-z])");

    private Choices() {}

    /** The letter, in upper case. */
    static Optional<String> find(String text) {
        return Boxes.last(text)
                .flatMap(ChoiceLetters::of)
                .map(String::valueOf)
                .or(() -> AnswerPhrases.last(text, Choices::leading))
                .or(() -> last(DECLARED, text))
                .or(() -> lineStart(text))
                .or(() -> last(OUTSTANDING, text));
    }

    private static Optional<String> leading(String content) {
        var matcher = LEADING.matcher(content.substring(0, Math.min(WINDOW, content.length())));
        if (!matcher.lookingAt()) {
            return Optional.empty();
        }
        // "a" in prose is an article: "the answer is a, as ..." has its comma right behind
        return Optional.of(matcher.group(1).toUpperCase(java.util.Locale.ROOT));
    }

    /** A whole last or first line that begins with a letter: {@code B}, {@code B) 12}, {@code B, because A is wrong}. */
    private static Optional<String> lineStart(String text) {
        String whole = text.strip();
        String last = whole.substring(whole.lastIndexOf('\n') + 1);
        return upper(last).or(() -> {
            int end = whole.indexOf('\n');
            return end < 0 ? Optional.empty() : upper(whole.substring(0, end));
        });
    }

    private static Optional<String> upper(String line) {
        var matcher = LEADING.matcher(line.substring(0, Math.min(WINDOW, line.length())));
        boolean leads = matcher.lookingAt()
                && Character.isUpperCase(matcher.group(1).charAt(0))
                && !line.substring(matcher.end(1)).startsWith(" is ");
        return leads ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static Optional<String> last(Pattern pattern, String text) {
        MatchResult last = null;
        var matcher = pattern.matcher(text);
        while (matcher.find()) {
            last = matcher.toMatchResult();
        }
        if (last == null) {
            return Optional.empty();
        }
        for (int group = 1; group <= last.groupCount(); group++) {
            if (last.group(group) != null) {
                return Optional.of(last.group(group));
            }
        }
        return Optional.empty();
    }
}
