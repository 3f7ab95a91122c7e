package cloudchamber.coordinator.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/** The way to a database: while it cannot be reached one at a time tries, and the others are refused at once. */
final class Availability {
    private final DataSource database;
    private final AtomicBoolean trying = new AtomicBoolean();
    private volatile boolean unreachable;

    Availability(DataSource database) {
        this.database = database;
    }

    /**
     * A connection of one's own.
     *
     * @throws StorageException if there is none to be had
     */
    Connection connection() {
        boolean tries = unreachable;
        if (tries && !trying.compareAndSet(false, true)) {
            throw new StorageException("the database must be reachable: it was not a moment ago");
        }
        try {
            var connection = database.getConnection();
            unreachable = false;
            return connection;
        } catch (SQLException none) {
            unreachable = true;
            throw new StorageException("the database must be reachable: " + none.getMessage(), none);
        } finally {
            if (tries) {
                trying.set(false);
            }
        }
    }
}
