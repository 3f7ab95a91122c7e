package cloudchamber.coordinator.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The kinds of trouble, from the codes as the databases' manuals have them. */
class StorageFaultTest {
    @ParameterizedTest
    @CsvSource({
        "SQLITE_FULL, FULL",
        "SQLITE_IOERR_SHMSIZE, FULL",
        "SQLITE_READONLY, READ_ONLY",
        "SQLITE_READONLY_DBMOVED, DAMAGED",
        "SQLITE_CORRUPT, DAMAGED",
        "SQLITE_CORRUPT_INDEX, DAMAGED",
        "SQLITE_NOTADB, DAMAGED",
        "SQLITE_IOERR_WRITE, UNAVAILABLE",
        "SQLITE_CANTOPEN, UNAVAILABLE",
        "SQLITE_CONSTRAINT_PRIMARYKEY, REFUSED",
        "SQLITE_ERROR, REFUSED"
    })
    void sqliteSaysWhatItIs(SQLiteErrorCode code, StorageFault fault) {
        assertThat(StorageFault.of(new SQLiteException("said", code))).isEqualTo(fault);
    }

    @ParameterizedTest
    @CsvSource({
        "53100, FULL",
        "25006, READ_ONLY",
        "XX001, DAMAGED",
        "08006, UNAVAILABLE",
        "57P01, UNAVAILABLE",
        "58030, UNAVAILABLE",
        "23505, REFUSED",
        "40001, REFUSED"
    })
    void postgresSaysWhatItIs(String state, StorageFault fault) {
        assertThat(StorageFault.of(new SQLException("said", state))).isEqualTo(fault);
    }

    @Test
    void aRefusedStatementStaysAsItIsAndTroubleHasItsType() {
        var refused = new SQLException("duplicate key", "23505");
        assertThat(StorageFault.typed((Exception) refused)).isSameAs(refused);
        assertThat(StorageFault.typed((Exception) new SQLException("no space", "53100")))
                .isInstanceOf(StorageException.Full.class);
        assertThat(StorageFault.typed((Exception) new SQLException("read-only", "25006")))
                .isInstanceOf(StorageException.ReadOnly.class);
    }
}
