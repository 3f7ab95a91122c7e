package cloudchamber.coordinator.job;

/** Where a job is in its life. */
public enum JobStatus {
    /** Accepted; no problem has started. */
    QUEUED,
    RUNNING,
    /** Every problem came to its end. */
    SUCCEEDED,
    /** Every problem is over and at least one failed. */
    FAILED,
    CANCELLED
}
