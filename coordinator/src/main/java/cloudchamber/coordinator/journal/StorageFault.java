package cloudchamber.coordinator.journal;

import java.sql.SQLException;
import java.util.Optional;
import org.sqlite.SQLiteException;

/** The kinds of trouble a database reports, from the codes of SQLite and the states of PostgreSQL. */
enum StorageFault {
    /** There is no room for a write; reads go on. */
    FULL,
    /** Writes are refused until an operator allows them; reads go on. */
    READ_ONLY,
    /** The database is not whole. */
    DAMAGED,
    /** The database cannot be reached, or its disk does not work. */
    UNAVAILABLE,
    /** The database works, and refuses this statement. */
    REFUSED;

    private static final int PRIMARY_CODE = 0xff;
    /** SQLite's extended codes for files that could not be made longer, though not by a plain write. */
    private static final int IO_ERROR_SHARED_MEMORY_SIZE = 10 | 19 << 8;

    private static final int READ_ONLY_FILE_MOVED = 8 | 4 << 8;

    static StorageFault of(SQLException failure) {
        return failure instanceof SQLiteException sqlite
                ? ofCode(sqlite.getResultCode().code)
                : ofState(Optional.ofNullable(failure.getSQLState()).orElse(""));
    }

    /** @param code of SQLite, extended or not */
    static StorageFault ofCode(int code) {
        if (code == IO_ERROR_SHARED_MEMORY_SIZE) {
            return FULL;
        }
        if (code == READ_ONLY_FILE_MOVED) {
            return DAMAGED;
        }
        return switch (code & PRIMARY_CODE) {
            case 13 -> FULL;
            case 8 -> READ_ONLY;
            case 11, 26 -> DAMAGED;
            case 10, 14 -> UNAVAILABLE;
            default -> REFUSED;
        };
    }

    /** @param state of SQL, as PostgreSQL gives it; empty if there is none */
    static StorageFault ofState(String state) {
        return switch (state) {
            case "53100", "53400" -> FULL;
            case "25006" -> READ_ONLY;
            case "XX001", "XX002" -> DAMAGED;
            case "58030", "53200", "53300" -> UNAVAILABLE;
            default -> state.startsWith("08") || state.startsWith("57P") ? UNAVAILABLE : REFUSED;
        };
    }

    /** The same failure with its kind as its type; one of a single statement stays as it is. */
    static Exception typed(Exception failure) {
        return failure instanceof SQLException sql && of(sql) != REFUSED ? typed(sql) : failure;
    }

    static StorageException typed(SQLException failure) {
        var said = failure.getMessage();
        return switch (of(failure)) {
            case FULL ->
                new StorageException.Full("the database must have room to write: it has none: " + said, failure);
            case READ_ONLY ->
                new StorageException.ReadOnly("the database must be writable: it is read-only: " + said, failure);
            case DAMAGED -> new StorageException.Damaged("the database must be whole: it is damaged: " + said, failure);
            case UNAVAILABLE, REFUSED -> new StorageException("the database must answer: " + said, failure);
        };
    }
}
