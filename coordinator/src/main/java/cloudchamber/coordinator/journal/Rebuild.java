package cloudchamber.coordinator.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.apache.pekko.serialization.Serialization;

/** Makes the read model again from the events; the questions stay, for they are no event's. */
final class Rebuild {
    private Rebuild() {}

    /** The version of what events change in the read model. */
    private static final int VERSION = 1;

    private static final int ROWS_AT_ONCE = 256;

    /** @return how many events were read; 0 if the read model is as it must be */
    static int ifStale(Connection connection, Dialect dialect, Serialization serialization) throws SQLException {
        try (var statement = connection.createStatement()) {
            if (dialect == Dialect.POSTGRESQL) {
                statement.execute("lock table read_model in access exclusive mode");
            }
            var row = statement.executeQuery("select coalesce(max(version), 0) from read_model");
            row.next();
            int version = row.getInt(1);
            if (version > VERSION) {
                throw new StorageException("the read model must be of this program's version " + VERSION
                        + " or an earlier one: was " + version);
            }
            if (version == VERSION) {
                return 0;
            }
        }
        return now(connection, serialization);
    }

    /** @return how many events were read */
    static int now(Connection connection, Serialization serialization) throws SQLException {
        try (var statement = connection.createStatement()) {
            for (var table : List.of("label", "problem", "job", "read_model")) {
                statement.executeUpdate("delete from " + table);
            }
            statement.executeUpdate("insert into read_model (version) values (" + VERSION + ")");
        }
        int events = 0;
        // In the order of ids, jobs stand before their problems.
        try (var statement = connection.prepareStatement("""
                select persistence_id, sequence_number, serializer_id, manifest, payload, checksum from journal
                  order by persistence_id, sequence_number""")) {
            statement.setFetchSize(ROWS_AT_ONCE);
            var rows = statement.executeQuery();
            while (rows.next()) {
                var id = rows.getString(1);
                var stored = new Stored(rows.getInt(3), rows.getString(4), rows.getBytes(5), rows.getLong(6));
                apply(connection, Changes.of(id, stored.read(serialization, id + " " + rows.getLong(2))));
                events++;
            }
        }
        return events;
    }

    private static void apply(Connection connection, List<Statement.Write> writes) throws SQLException {
        for (var write : writes) {
            try (var statement = connection.prepareStatement(write.statement().sql())) {
                for (int index = 0; index < write.values().length; index++) {
                    statement.setObject(index + 1, write.values()[index]);
                }
                statement.executeUpdate();
            }
        }
    }
}
