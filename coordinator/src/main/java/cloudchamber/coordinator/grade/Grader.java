package cloudchamber.coordinator.grade;

import java.util.Optional;

/**
 * Finds the answer in a text and says which answers are the same. Immutable, safe for many threads, and
 * total: no text makes it throw or run long.
 */
public interface Grader {

    /** The name settings and results know it by; {@link Graders#byId} gives the grader back. */
    String id();

    /**
     * The answer a text gives, as written; empty where it gives none. Never a blank string, so that
     * a particle without an answer cannot win a vote.
     *
     * @param text a whole solution, finished or cut
     */
    Optional<String> extract(String text);

    /**
     * Whether a mark of an answer stands whole anywhere in the text, a box or a {@code ####} line: what ends a
     * particle under {@code at-mark}. The same in every edition of the rules.
     */
    boolean complete(String text);

    /** Whether two answers are the same. Reflexive and symmetric; see the grader for its tolerance. */
    boolean equivalent(String first, String second);

    /**
     * A key for hashing. Answers with one key are equivalent; equivalent answers of simple kinds
     * (numbers, polynomials, choices, words) have one key.
     */
    String canonical(String answer);

    /**
     * Whether an answer is right.
     *
     * @param answer as {@link #extract} gave it
     * @param gold as the data set has it: the answer alone, or a solution that ends in {@code #### answer}
     */
    default boolean correct(String answer, String gold) {
        return equivalent(answer, AnswerMarks.gold(gold));
    }
}
