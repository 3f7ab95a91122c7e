package cloudchamber.coordinator.problem;

/** Where a problem is in its life. */
public enum ProblemStatus {
    QUEUED,
    RUNNING,
    /** The method came to its end, with an answer or without. */
    SUCCEEDED,
    FAILED,
    CANCELLED;

    /** Whether nothing will change any more. */
    public boolean terminal() {
        return this != QUEUED && this != RUNNING;
    }
}
