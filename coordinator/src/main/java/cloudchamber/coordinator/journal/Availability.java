package cloudchamber.coordinator.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of a pool. While the database cannot be reached one borrower at a time tries, and the others are
 * refused at once.
 */
final class Availability implements GroupCommit.Connections {
    private static final Logger LOG = LoggerFactory.getLogger(Availability.class);

    private final DataSource database;
    private final Consumer<Connection> evict;
    private final AtomicBoolean trying = new AtomicBoolean();
    private volatile boolean unreachable;

    /** @param evict takes a connection out of the pool */
    Availability(DataSource database, Consumer<Connection> evict) {
        this.database = database;
        this.evict = evict;
    }

    @Override
    public Connection take() {
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
            throw StorageFault.of(none) == StorageFault.REFUSED
                    ? new StorageException("the database must be reachable: " + none.getMessage(), none)
                    : StorageFault.typed(none);
        } finally {
            if (tries) {
                trying.set(false);
            }
        }
    }

    @Override
    public void undo(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException stuck) {
            cause.addSuppressed(stuck);
            evict.accept(connection);
        }
    }

    @Override
    public void giveBack(Connection connection) {
        try {
            connection.close();
        } catch (SQLException stuck) {
            LOG.warn("a connection to the database could not be given back and is discarded: {}", stuck.getMessage());
            evict.accept(connection);
        }
    }
}
