package cloudchamber.coordinator.grade;

import java.util.Optional;

/**
 * Compares answers as mathematics: numbers and expressions, quantities, points, intervals, sets, matrices,
 * relations, several answers in any order, and words.
 *
 * <p>A unit that one of two answers leaves out is no difference.
 */
record MathGrader(String id, Profile profile) implements Grader {

    @Override
    public Optional<String> extract(String text) {
        return Extraction.marked(text).or(() -> Extraction.lastNumber(text));
    }

    @Override
    public boolean complete(String text) {
        return Extraction.complete(text);
    }

    @Override
    public boolean equivalent(String first, String second) {
        if (first.equals(second)) {
            return true;
        }
        Value left = Reader.read(first, new Steps());
        Value right = Reader.read(second, new Steps());
        try {
            return new Comparison(profile, new Steps()).same(left, right);
        } catch (Unreadable tooCostly) {
            return Lexer.spelling(first).equals(Lexer.spelling(second));
        }
    }

    @Override
    public String canonical(String answer) {
        try {
            return new Comparison(profile, new Steps()).key(Reader.read(answer, new Steps()));
        } catch (Unreadable tooCostly) {
            return "unread " + Lexer.spelling(answer);
        }
    }
}
