package cloudchamber.coordinator.journal;

/** What is kept cannot be reached, or is not as it must be. The message is one sentence for the operator. */
public class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StorageException(String message) {
        super(message);
    }

    StorageException(String message, Throwable cause) {
        super(message, cause);
    }

    /** More waits than may: later there is room again. */
    public static final class Overloaded extends StorageException {
        private static final long serialVersionUID = 1L;

        Overloaded(String message) {
            super(message);
        }
    }
}
