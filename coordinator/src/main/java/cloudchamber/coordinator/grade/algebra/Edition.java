package cloudchamber.coordinator.grade.algebra;

/**
 * The edition of the rules that find and read answers. A stored job keeps the edition it was submitted under, since
 * its votes depend on it.
 */
public enum Edition {
    /** What a stored specification without an extraction has. */
    FIRST,
    /** What a specification with an extraction has: other signs and digits, and marks told from headings. */
    SECOND;

    boolean isSecond() {
        return this == SECOND;
    }
}
