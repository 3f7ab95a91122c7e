package cloudchamber.coordinator.method;

/** How far an expansion goes. */
public enum Extent {
    /** One step, up to the step delimiter. */
    STEP,
    /** A whole generation, up to the end of sequence or the particle's limit. */
    GENERATION
}
