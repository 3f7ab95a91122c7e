package cloudchamber.coordinator.grade;

import cloudchamber.coordinator.grade.algebra.Profile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The graders by their ids. */
public final class Graders {
    private static final String NUMERIC = "numeric(";

    private static final List<Grader> FIRST_EDITION = named(null);

    private Graders() {}

    private static List<Grader> named(Extraction extraction) {
        return List.of(
                new MathGrader("math", Profile.STRICT, extraction),
                new MathGrader("math-paper", Profile.PAPER, extraction),
                new ChoiceGrader("choice", extraction),
                new TextGrader("exact", false, extraction),
                new TextGrader("text", true, extraction));
    }

    /** The grader for answers of mathematics, exactly: {@code math}, by the current rules. */
    public static Grader math() {
        return of("math", Extraction.STANDARD);
    }

    /**
     * The grader with an id, by the first edition of the rules: that of a specification stored without an extraction.
     *
     * @throws IllegalArgumentException if no grader has this id
     */
    public static Grader byId(String id) {
        return of(id, null);
    }

    /**
     * Finds a grader.
     *
     * <ul>
     *   <li>{@code math}: mathematics, exactly
     *   <li>{@code math-paper}: mathematics with the lenient rules behind published numbers: within a
     *       relative 1e-4, also after a factor of 100, brackets of any type
     *   <li>{@code choice}: letters of a multiple choice
     *   <li>{@code exact}: the marked answer, letter by letter
     *   <li>{@code text}: the whole text, letter by letter
     *   <li>{@code numeric(0.01)}, {@code numeric(1%)}: numbers that differ by at most this, absolutely or
     *       relative to the larger one
     * </ul>
     *
     * @param extraction how it finds answers; null for the first edition of the rules
     * @throws IllegalArgumentException if no grader has this id
     */
    public static Grader of(String id, Extraction extraction) {
        return (extraction == null ? FIRST_EDITION : named(extraction))
                .stream()
                        .filter(grader -> grader.id().equals(id))
                        .findFirst()
                        .or(() -> numeric(id, extraction))
                        .orElseThrow(
                                () -> new IllegalArgumentException("grader must be one of " + ids() + ": was " + id));
    }

    /** Whether {@link #of} takes an id. */
    public static boolean isId(String id) {
        try {
            byId(id);
            return true;
        } catch (IllegalArgumentException unknown) {
            return false;
        }
    }

    /** What {@link #of} takes; the tolerance in {@code numeric(0.01)} stands for any other. */
    public static List<String> ids() {
        List<String> ids =
                new ArrayList<>(FIRST_EDITION.stream().map(Grader::id).toList());
        ids.add("numeric(0.01)");
        ids.add("numeric(1%)");
        return List.copyOf(ids);
    }

    private static Optional<Grader> numeric(String id, Extraction extraction) {
        if (!id.startsWith(NUMERIC) || !id.endsWith(")")) {
            return Optional.empty();
        }
        String inside = id.substring(NUMERIC.length(), id.length() - 1);
        boolean relative = inside.endsWith("%");
        String digits = relative ? inside.substring(0, inside.length() - 1) : inside;
        try {
            double tolerance = Double.parseDouble(digits);
            var math = new MathGrader("math", Profile.STRICT, extraction);
            return Optional.of(new NumericGrader(id, relative ? tolerance / 100 : tolerance, relative, math));
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }
}
