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

    /** There is no room on the disk to write; reads go on. */
    public static final class Full extends StorageException {
        private static final long serialVersionUID = 1L;

        Full(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The database takes no writes; reads go on. */
    public static final class ReadOnly extends StorageException {
        private static final long serialVersionUID = 1L;

        ReadOnly(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The database is not whole, or gone: nothing can go on without a restored copy. */
    public static final class Damaged extends StorageException {
        private static final long serialVersionUID = 1L;

        Damaged(String message) {
            super(message);
        }

        Damaged(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
