package cloudchamber.coordinator.sweep;

/** Where a sweep is in its life. */
public enum SweepStatus {
    RUNNING,
    /** No further job is started; those that run come to their end. */
    PAUSED,
    CANCELLED,
    /** Every job is over, whether its problems succeeded or not. */
    ENDED
}
