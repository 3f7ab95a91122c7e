package cloudchamber.coordinator.journal;

import java.sql.Connection;

/** Lends connections to a database. */
interface Connections {
    /**
     * A connection of one's own.
     *
     * @throws StorageException if there is none to be had
     */
    Connection take();

    /**
     * Ends the transaction of a connection after a failure. A connection that cannot do that is not lent again.
     *
     * @param cause of the failure; a failed rollback is added to it and never hides it
     */
    void undo(Connection connection, Exception cause);

    /** Takes a connection back; one that cannot even be closed is not lent again. */
    void giveBack(Connection connection);
}
