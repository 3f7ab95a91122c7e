package cloudchamber.coordinator.http.transport;

import cloudchamber.coordinator.journal.StorageException;

/** Trouble of the database as an answer says it. The database's own words are for the log alone. */
public final class StorageTrouble {
    private StorageTrouble() {}

    /** @param failure of the database or of the way to it */
    public static ApiResponse refusal(Throwable failure) {
        return switch (failure) {
            case StorageException.Overloaded overloaded ->
                ApiResponse.refused(ErrorKind.OVERLOADED, "there must be room to wait for the database: there is none");
            case StorageException.Full full ->
                ApiResponse.refused(
                        ErrorKind.STORAGE_FULL,
                        "the database must have room to write: its disk is full; what it has is kept and can be read");
            case StorageException.ReadOnly readOnly ->
                ApiResponse.refused(
                        ErrorKind.STORAGE_READ_ONLY,
                        "the database must be writable: it is read-only; what it has is kept and can be read");
            default ->
                ApiResponse.refused(
                        ErrorKind.STORAGE_UNAVAILABLE, "the database must answer: it does not; what it has is kept");
        };
    }
}
