package cloudchamber.bench;

import cloudchamber.client.ApiClient;
import cloudchamber.coordinator.journal.Change;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;

/**
 * What a database by itself takes in: rows like those of a job's problems, written by one bare loop, so many to a
 * commit. What the intake of jobs is held against.
 */
final class RawInserts {
    private static final String INSERT =
            "insert into question (job, position, problem, prompt) values (?, ?, ?, ?) on conflict do nothing";

    private RawInserts() {}

    /**
     * Writes the rows into an SQLite file of its own, set as the journal's is: a write-ahead log, and a commit that
     * returns when it is on the disk.
     *
     * @param directory where the file is made
     * @param rows one after the other
     * @param group how many share a commit, at least 1
     * @return how long it took until the last one was on the disk
     * @throws BenchmarkFailure if the file cannot be written
     */
    static Duration into(Path directory, List<Change.Question> rows, int group) {
        try {
            var file = Files.createTempDirectory(directory, "raw").resolve("cloudchamber.db");
            var settings = new Properties();
            settings.setProperty("journal_mode", "WAL");
            settings.setProperty("synchronous", "FULL");
            try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath(), settings)) {
                connection.setAutoCommit(false);
                create(connection);
                return write(connection, rows, group);
            }
        } catch (IOException | SQLException failed) {
            throw new BenchmarkFailure("a database of its own must be writable: " + failed.getMessage());
        }
    }

    private static void create(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("create table question (job text not null, position integer not null,"
                    + " problem text not null, prompt text not null, primary key (job, position))");
            statement.execute("create unique index question_by_problem on question (job, problem)");
            connection.commit();
        }
    }

    private static Duration write(Connection connection, List<Change.Question> rows, int group)
            throws SQLException, JsonProcessingException {
        long started = System.nanoTime();
        try (var statement = connection.prepareStatement(INSERT)) {
            for (int row = 0; row < rows.size(); row++) {
                statement.setString(1, "job");
                statement.setInt(2, row);
                statement.setString(3, rows.get(row).problem());
                statement.setString(
                        4, ApiClient.JSON.writeValueAsString(rows.get(row).prompt()));
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
