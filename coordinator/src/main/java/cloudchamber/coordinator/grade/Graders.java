package cloudchamber.coordinator.grade;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The graders by their ids. */
public final class Graders {
    private static final String NUMERIC = "numeric(";

    private static final List<Grader> NAMED = List.of(
            new MathGrader("math", Profile.STRICT),
            new MathGrader("math-paper", Profile.PAPER),
            new ChoiceGrader("choice"),
            new TextGrader("exact", false),
            new TextGrader("text", true));

    private Graders() {}

    /** The grader for answers of mathematics, exactly: {@code math}. */
    public static Grader math() {
        return NAMED.getFirst();
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
     * @throws IllegalArgumentException if no grader has this id
     */
    public static Grader byId(String id) {
        return NAMED.stream()
                .filter(grader -> grader.id().equals(id))
                .findFirst()
                .or(() -> numeric(id))
                .orElseThrow(() -> new IllegalArgumentException("grader must be one of " + ids() + ": was " + id));
    }

    /** What {@link #byId} takes; the tolerance in {@code numeric(0.01)} stands for any other. */
    public static List<String> ids() {
        List<String> ids = new ArrayList<>(NAMED.stream().map(Grader::id).toList());
        ids.add("numeric(0.01)");
        ids.add("numeric(1%)");
        return List.copyOf(ids);
    }

    private static Optional<Grader> numeric(String id) {
        if (!id.startsWith(NUMERIC) || !id.endsWith(")")) {
            return Optional.empty();
        }
        String inside = id.substring(NUMERIC.length(), id.length() - 1);
        boolean relative = inside.endsWith("%");
        String digits = relative ? inside.substring(0, inside.length() - 1) : inside;
        try {
            double tolerance = Double.parseDouble(digits);
            return Optional.of(new NumericGrader(id, relative ? tolerance / 100 : tolerance, relative));
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }
}
