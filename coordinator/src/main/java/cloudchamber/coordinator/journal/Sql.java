package cloudchamber.coordinator.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Statements with values, and their rows as values. */
final class Sql {
    private Sql() {}

    /** Reads the row at which a result set stands. */
    interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    static <T> List<T> rows(Connection connection, String sql, List<?> values, Row<T> as) throws SQLException {
        try (var statement = prepared(connection, sql, values)) {
            var rows = statement.executeQuery();
            var found = new ArrayList<T>();
            while (rows.next()) {
                found.add(as.of(rows));
            }
            return found;
        }
    }

    static void update(Connection connection, String sql, List<?> values) throws SQLException {
        try (var statement = prepared(connection, sql, values)) {
            statement.executeUpdate();
        }
    }

    private static PreparedStatement prepared(Connection connection, String sql, List<?> values) throws SQLException {
        var statement = connection.prepareStatement(sql);
        for (int index = 0; index < values.size(); index++) {
            statement.setObject(index + 1, values.get(index));
        }
        return statement;
    }

    static Long whole(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }
}
