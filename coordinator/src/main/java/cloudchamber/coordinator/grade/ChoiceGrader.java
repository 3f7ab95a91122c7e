package cloudchamber.coordinator.grade;

import java.util.Locale;
import java.util.Optional;

/**
 * Compares the letters of a multiple choice, A to J, upper or lower case, with or without their text.
 *
 * @param extraction null for the first edition of the rules
 */
record ChoiceGrader(String id, Extraction extraction) implements Grader {
    @Override
    public Optional<String> extract(String text) {
        if (extraction != null) {
            return FinalAnswers.find(extraction, text, ChoiceGrader::settled).map(ChoiceGrader::lettered);
        }
        return AnswerMarks.marked(text).map(ChoiceGrader::lettered).or(() -> lastParenthesised(text));
    }

    /** The letter that a text settles on, or else what its box holds. */
    private static Optional<String> settled(String text) {
        return Choices.find(text).or(() -> Boxes.last(text));
    }

    private static String lettered(String answer) {
        return ChoiceLetters.of(answer).map(String::valueOf).orElse(answer);
    }

    @Override
    public boolean complete(String text) {
        return AnswerMarks.complete(text);
    }

    @Override
    public boolean equivalent(String first, String second) {
        return canonical(first).equals(canonical(second));
    }

    @Override
    public String canonical(String answer) {
        return ChoiceLetters.of(answer)
                .map(String::valueOf)
                .orElseGet(() -> answer.strip().toLowerCase(Locale.ROOT));
    }

    /** The last {@code (B)} of a text. */
    private static Optional<String> lastParenthesised(String text) {
        for (int at = text.length() - 3; at >= 0; at--) {
            if (text.charAt(at) == '(' && ChoiceLetters.isLetter(text.charAt(at + 1)) && text.charAt(at + 2) == ')') {
                return Optional.of(String.valueOf(Character.toUpperCase(text.charAt(at + 1))));
            }
        }
        return Optional.empty();
    }
}
