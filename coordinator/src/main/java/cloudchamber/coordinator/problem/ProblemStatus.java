package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.journal.Change;

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

    /** How a problem with this status ended. */
    public Change.End end() {
        return switch (this) {
            case QUEUED, RUNNING -> throw new IllegalStateException("a terminal status was expected: was " + this);
            case SUCCEEDED -> Change.End.SUCCEEDED;
            case FAILED -> Change.End.FAILED;
            case CANCELLED -> Change.End.CANCELLED;
        };
    }
}
