package cloudchamber.coordinator.grade.algebra;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Tells answers in words from mathematics. */
final class Prose {
    private static final List<String> NUMBER_WORDS = List.of(
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve");

    private Prose() {}

    /** The number some words say: {@code seven}. */
    static Optional<Expression> number(String words) {
        int number = NUMBER_WORDS.indexOf(words);
        return number < 0 ? Optional.empty() : Optional.of(Expression.number(number));
    }

    /** The words of an answer that is nothing but words: {@code \text{east}}, {@code Navin}. */
    static Optional<String> words(List<Token> tokens) {
        var words = new StringBuilder();
        boolean hasWord = false;
        for (Token token : tokens) {
            if (token.afterBlank()) {
                words.append(' ');
            }
            switch (token.kind()) {
                case WORD, LETTER -> {
                    hasWord |= isWord(token.text());
                    if (isMathematics(token.text())) {
                        return Optional.empty();
                    }
                    words.append(token.text());
                }
                case TEXT -> {
                    boolean plain = token.text().chars().allMatch(Prose::isProse);
                    if (!plain || token.text().strip().length() < 2) {
                        return Optional.empty();
                    }
                    hasWord = true;
                    words.append(token.text());
                }
                case SIGN -> {
                    if (!token.text().equals("-")
                            && !token.text().equals("'")
                            && !token.text().equals(".")) {
                        return Optional.empty();
                    }
                    words.append(token.text());
                }
                case NUMBER, COMMAND, ROW -> {
                    return Optional.empty();
                }
                case END -> {}
            }
        }
        String folded = String.join(
                " ", words.toString().toLowerCase(Locale.ROOT).strip().split("\\s+"));
        String unstopped = folded.endsWith(".") ? folded.substring(0, folded.length() - 1) : folded;
        return hasWord && !unstopped.isBlank() ? Optional.of(unstopped) : Optional.empty();
    }

    private static boolean isProse(int character) {
        return Character.isLetter(character)
                || character == ' '
                || character == '-'
                || character == '\''
                || character == '.';
    }

    /** Three letters or more that are unlikely to be a product: xyz has no vowel, abc is only a, b and c. */
    static boolean isWord(String letters) {
        return letters.length() > 3
                || letters.length() == 3
                        && letters.chars().anyMatch(letter -> "aeiouAEIOU".indexOf(letter) >= 0)
                        && !letters.chars().allMatch(letter -> "abc".indexOf(letter) >= 0)
                || letters.equalsIgnoreCase("no");
    }

    static boolean isMathematics(String word) {
        return FunctionNames.contains(word)
                || word.equals("sqrt")
                || word.equals("infinity")
                || word.equals("pi")
                || word.equals("infty")
                || word.equals("or")
                || word.equals("and");
    }
}
