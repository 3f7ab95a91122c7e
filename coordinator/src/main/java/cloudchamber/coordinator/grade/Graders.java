package cloudchamber.coordinator.grade;

import java.util.List;

/** The graders by their ids. */
public final class Graders {
    private static final List<Grader> NAMED =
            List.of(new MathGrader("math"), new TextGrader("exact", false), new TextGrader("text", true));

    private Graders() {}

    /** The grader for answers of mathematics: {@code math}. */
    public static Grader math() {
        return NAMED.getFirst();
    }

    /**
     * Finds a grader.
     *
     * <ul>
     *   <li>{@code math}: numbers and expressions, exactly
     *   <li>{@code exact}: the marked answer, letter by letter
     *   <li>{@code text}: the whole text, letter by letter
     * </ul>
     *
     * @throws IllegalArgumentException if no grader has this id
     */
    public static Grader byId(String id) {
        return NAMED.stream()
                .filter(grader -> grader.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("grader must be one of " + ids() + ": was " + id));
    }

    /** What {@link #byId} takes. */
    public static List<String> ids() {
        return NAMED.stream().map(Grader::id).toList();
    }
}
