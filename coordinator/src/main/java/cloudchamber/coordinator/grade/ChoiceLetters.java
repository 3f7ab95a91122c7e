package cloudchamber.coordinator.grade;

import cloudchamber.coordinator.grade.algebra.Lexer;
import java.util.Optional;

/** The letters of a multiple choice, A to J, and how an answer names one. */
final class ChoiceLetters {
    private static final char LAST_CHOICE = 'J';

    private ChoiceLetters() {}

    /** The letter an answer names: {@code B}, {@code (b)}, {@code \text{(B)}}, {@code B. 12}, {@code choice B}. */
    static Optional<Character> of(String answer) {
        String rest = unwrapped(answer);
        for (String word : new String[] {"option", "choice", "answer"}) {
            if (rest.regionMatches(true, 0, word, 0, word.length())) {
                rest = unwrapped(rest.substring(word.length()));
            }
        }
        boolean opened = rest.startsWith("(") || rest.startsWith("[");
        int at = opened ? 1 : 0;
        if (at >= rest.length() || !isLetter(rest.charAt(at))) {
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

    static boolean isLetter(char letter) {
        char upper = Character.toUpperCase(letter);
        return upper >= 'A' && upper <= LAST_CHOICE;
    }
}
