package cloudchamber.coordinator.grade.algebra;

/** How exact equality of mathematics is taken. */
public enum Profile {
    /** Exact values; bracket types count. */
    STRICT,
    /** The lenient rules behind published numbers: 1e-4 relative, percent either way, any brackets. */
    PAPER
}
