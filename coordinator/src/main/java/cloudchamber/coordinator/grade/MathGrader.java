package cloudchamber.coordinator.grade;

import cloudchamber.coordinator.grade.algebra.Comparison;
import cloudchamber.coordinator.grade.algebra.Edition;
import cloudchamber.coordinator.grade.algebra.Lexer;
import cloudchamber.coordinator.grade.algebra.Profile;
import cloudchamber.coordinator.grade.algebra.Reader;
import cloudchamber.coordinator.grade.algebra.Steps;
import cloudchamber.coordinator.grade.algebra.Unreadable;
import cloudchamber.coordinator.grade.algebra.Value;
import java.util.Optional;

/**
 * Compares answers as mathematics: numbers and expressions, quantities, points, intervals, sets, matrices,
 * relations, several answers in any order, and words.
 *
 * <p>A unit that one of two answers leaves out is no difference.
 *
 * @param extraction null for the first edition of the rules
 */
record MathGrader(String id, Profile profile, Extraction extraction) implements Grader {

    @Override
    public Optional<String> extract(String text) {
        return extraction == null
                ? AnswerMarks.marked(text).or(() -> AnswerMarks.lastNumber(text))
                : FinalAnswers.find(extraction, text, FinalAnswers::mathematical);
    }

    @Override
    public boolean complete(String text) {
        return AnswerMarks.complete(text);
    }

    @Override
    public boolean equivalent(String first, String second) {
        if (first.equals(second)) {
            return true;
        }
        Value left = read(first, new Steps());
        Value right = read(second, new Steps());
        try {
            return new Comparison(profile, edition(), new Steps()).same(left, right);
        } catch (Unreadable tooCostly) {
            return Lexer.spelling(first, edition()).equals(Lexer.spelling(second, edition()));
        }
    }

    @Override
    public String canonical(String answer) {
        try {
            return new Comparison(profile, edition(), new Steps()).key(read(answer, new Steps()));
        } catch (Unreadable tooCostly) {
            return "unread " + Lexer.spelling(answer, edition());
        }
    }

    Value read(String answer, Steps steps) {
        return Reader.read(answer, edition(), steps);
    }

    private Edition edition() {
        return extraction == null ? Edition.FIRST : Edition.SECOND;
    }
}
