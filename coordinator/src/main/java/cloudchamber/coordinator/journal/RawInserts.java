package cloudchamber.coordinator.journal;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a database by itself takes in: rows like those of a job's problems, written by one bare loop, so many to a
 * commit. What the intake of jobs is held against.
 */
public final class RawInserts {
    private static final int CONNECTIONS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private RawInserts() {}

    /**
     * Writes the rows into an SQLite file of its own, set as the journal's is.
     *
     * @param directory where the file is made
     * @param rows one after the other
     * @param group how many share a commit, at least 1
     * @return how long it took until the last one was on the disk
     * @throws StorageException if the file cannot be written
     */
    public static Duration into(Path directory, List<Change.Question> rows, int group) {
        try {
            var settings = new StorageSettings(
                    Optional.empty(), "", "", Files.createTempDirectory(directory, "raw"), CONNECTIONS, 1, 1, PATIENCE);
            try (var database = Storage.database(Dialect.SQLITE, settings)) {
                create(database);
                return write(database, rows, group);
            }
        } catch (IOException | SQLException failed) {
            throw new StorageException("a database of its own must be writable: " + failed.getMessage(), failed);
        }
    }

    private static void create(HikariDataSource database) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create table question (job text not null, position integer not null,"
                    + " problem text not null, prompt text not null, primary key (job, position))");
            statement.execute("create unique index question_by_problem on question (job, problem)");
            connection.commit();
        }
    }

    private static Duration write(HikariDataSource database, List<Change.Question> rows, int group)
            throws SQLException {
        long started = System.nanoTime();
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(Statement.ADD_QUESTION.sql())) {
            for (int row = 0; row < rows.size(); row++) {
                var values = Changes.question("job", row, rows.get(row)).values();
                for (int index = 0; index < values.length; index++) {
                    statement.setObject(index + 1, values[index]);
                }
                statement.addBatch();
                if ((row + 1) % group == 0 || row + 1 == rows.size()) {
                    statement.executeBatch();
                    connection.commit();
                }
            }
        }
        return Duration.ofNanos(System.nanoTime() - started);
    }
}
