package cloudchamber.coordinator.grade;

/**
 * The edition of the rules that find and read answers. A stored job keeps the edition it was submitted under, since
 * its votes depend on it.
 */
enum Edition {
    /** What a stored specification without an extraction has. */
    FIRST,
    /** Of {@link Extraction}: other signs and digits, and marks told from headings. */
    SECOND;

    boolean isSecond() {
        return this == SECOND;
    }
}
