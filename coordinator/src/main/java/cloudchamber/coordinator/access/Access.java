package cloudchamber.coordinator.access;

/** What a caller must be allowed to do before a route answers. */
public enum Access {
    /** Anybody may ask. */
    OPEN,
    /** To look at jobs and at the cluster. */
    READ,
    /** To submit and cancel jobs. */
    SUBMIT,
    /** To change the cluster. */
    ADMIN
}
