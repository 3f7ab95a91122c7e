package cloudchamber.coordinator.journal;

/**
 * Marks what is journalled; bound to CBOR in {@code reference.conf}. Every event carries the version of
 * its schema: fields are only ever added, and a reader accepts every version up to its own.
 */
public interface JournalEvent {

    /** The version of the event's schema, from 1. */
    int schema();
}
