package cloudchamber.coordinator.journal;

import java.sql.SQLException;

/** What is kept cannot be reached, or is not as it must be. The message is one sentence for the operator. */
public class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StorageException(String message) {
        super(message);
    }

    StorageException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Whether what failed is the way to what is kept, or the database itself. */
    public static boolean isOne(Throwable failure) {
        return failure instanceof StorageException || failure instanceof SQLException;
    }

    /** More waits than may: later there is room again. */
    public static final class Overloaded extends StorageException {
        private static final long serialVersionUID = 1L;

        Overloaded(String message) {
            super(message);
        }
    }
}
