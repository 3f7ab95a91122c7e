package cloudchamber.coordinator.grade.algebra;

/**
 * An answer leaves the subset of LaTeX that is read, or its size. Expected, and always caught by the reader
 * or the grader: such an answer is compared as text. It is an exception, without a stack trace, because it ends
 * a descent of many calls at once.
 */
public final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreadable(String reason) {
        super(reason, null, false, false);
    }
}
