package cloudchamber.protocol.model;

/**
 * One try of one piece of work. A retry has the same {@link StepKey} and the same seed, and the next
 * attempt number.
 *
 * @param attempt 1 for the first try
 */
public record AttemptKey(StepKey step, int attempt) {
    public AttemptKey {
        Checks.present(step, "step");
        Checks.atLeast(1, attempt, "attempt");
    }

    @Override
    public String toString() {
        return step + "#" + attempt;
    }
}
