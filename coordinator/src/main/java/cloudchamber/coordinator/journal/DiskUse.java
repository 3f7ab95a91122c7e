package cloudchamber.coordinator.journal;

/**
 * The space that the database takes up.
 *
 * @param reusableBytes of these that hold nothing, and are filled first
 * @param freeBytes on the disk; null where that is not this machine's
 */
public record DiskUse(String database, long bytes, long reusableBytes, Long freeBytes) {}
