package cloudchamber.coordinator.grade;

import java.util.Locale;
import java.util.Optional;

/**
 * Compares the letters of a multiple choice, A to J, upper or lower case, with or without their text.
 *
 * @param extraction null for the first edition of the rules
 */
record ChoiceGrader(String id, Extraction extraction) implements Grader {
    private static final char LAST_CHOICE = 'J';

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
        return choice(answer).map(String::valueOf).orElse(answer);
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
        return choice(answer)
                .map(String::valueOf)
                .orElseGet(() -> answer.strip().toLowerCase(Locale.ROOT));
    }

    /** The letter an answer names: {@code B}, {@code (b)}, {@code \text{(B)}}, {@code B. 12}, {@code choice B}. */
    static Optional<Character> choice(String answer) {
        String rest = unwrapped(answer);
        for (String word : new String[] {"option", "choice", "answer"}) {
            if (rest.regionMatches(true, 0, word, 0, word.length())) {
                rest = unwrapped(rest.substring(word.length()));
            }
        }
        boolean opened = rest.startsWith("(") || rest.startsWith("[");
        int at = opened ? 1 : 0;
        if (at >= rest.length() || !isChoice(rest.charAt(at))) {
            return Optional.empty();
        }
        char letter = Character.toUpperCase(rest.charAt(at));
        String after = rest.substring(at + 1);
        String closing = opened ? ")]" : ")].:}$*";
        boolean closed = after.isEmpty() || closing.indexOf(after.charAt(0)) >= 0;
        return closed ? Optional.of(letter) : Optional.empty();
    }

    /** Without blanks and commands in front: {@code \textbf{(B)}} becomes {@code (B)}}. */
    private static String unwrapped(String answer) {
        int at = 0;
        while (at < answer.length()) {
            char character = answer.charAt(at);
            if (character == '\\') {
                at++;
                while (at < answer.length() && Lexer.isLetter(answer.charAt(at))) {
                    at++;
                }
            } else if (Character.isWhitespace(character) || "{$*~,".indexOf(character) >= 0) {
                at++;
            } else {
                break;
            }
        }
        return answer.substring(at).strip();
    }

    /** The last {@code (B)} of a text. */
    private static Optional<String> lastParenthesised(String text) {
        for (int at = text.length() - 3; at >= 0; at--) {
            if (text.charAt(at) == '(' && isChoice(text.charAt(at + 1)) && text.charAt(at + 2) == ')') {
                return Optional.of(String.valueOf(Character.toUpperCase(text.charAt(at + 1))));
            }
        }
        return Optional.empty();
    }

    private static boolean isChoice(char letter) {
        char upper = Character.toUpperCase(letter);
        return upper >= 'A' && upper <= LAST_CHOICE;
    }
}
