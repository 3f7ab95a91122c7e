package cloudchamber.coordinator.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * Copies of a data directory: one SQLite file, as it stood at one moment, whether a server has the directory or not.
 * Nothing is called a copy before it was read again and found whole.
 */
public final class Backup {
    private static final String URL = "jdbc:sqlite:";
    private static final String PART = ".part";

    /**
     * What a copy holds.
     *
     * @param schema the version of its tables
     */
    public record Contents(long bytes, String schema, long jobs, long problems, long events) {}

    private Backup() {}

    /**
     * Copies a data directory into a file.
     *
     * @param file that is not there yet
     * @throws StorageException if there is nothing to copy, the file cannot be written, or the copy is not whole
     */
    public static Contents write(Path directory, Path file) {
        var database = directory.resolve(Dialect.FILE);
        if (!Files.isRegularFile(database)) {
            throw new StorageException("the data directory must hold a database: [" + database + "] is missing");
        }
        refuseIfThere(file);
        var part = part(file);
        try {
            Files.deleteIfExists(part);
            PrivateFiles.makeFile(part);
            try (var connection = DriverManager.getConnection(URL + database.toAbsolutePath());
                    var statement = connection.prepareStatement("vacuum into ?")) {
                statement.setString(1, part.toString());
                statement.execute();
            }
            return moved(part, file);
        } catch (SQLException | IOException failed) {
            throw new StorageException("the copy [" + file + "] must be writable: " + failed.getMessage(), failed);
        }
    }

    /**
     * Makes a data directory from a copy.
     *
     * @param directory without a database
     * @throws StorageException if the copy is not whole, or of a later version, or the directory has a database
     */
    public static Contents restore(Path file, Path directory) {
        if (!Files.isRegularFile(file)) {
            throw new StorageException("a copy must be there: [" + file + "] is missing");
        }
        var lock = DirectoryLock.take(directory);
        try {
            var database = directory.resolve(Dialect.FILE);
            refuseIfThere(database);
            var part = part(database);
            Files.deleteIfExists(part);
            PrivateFiles.makeFile(part);
            try (var out = Files.newOutputStream(part)) {
                Files.copy(file, out);
            }
            return moved(part, database);
        } catch (IOException failed) {
            throw new StorageException(
                    "the data directory [" + directory + "] must be writable: " + failed.getMessage(), failed);
        } finally {
            lock.close();
        }
    }

    private static void refuseIfThere(Path file) {
        if (Files.exists(file)) {
            throw new StorageException("[" + file + "] must not be there yet: move it away, or name another");
        }
    }

    private static Path part(Path file) {
        return file.toAbsolutePath().resolveSibling(file.getFileName() + PART);
    }

    private static Contents moved(Path part, Path file) throws IOException {
        try {
            var contents = verify(part);
            try (var channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(part, file.toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE);
            return contents;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /**
     * Reads a copy from one end to the other.
     *
     * @throws StorageException if it is not whole, or of a later version
     */
    static Contents verify(Path file) {
        try (var connection = DriverManager.getConnection(URL + file.toAbsolutePath())) {
            var integrity = text(connection, "pragma integrity_check");
            if (!integrity.equals("ok")) {
                throw new StorageException("the copy [" + file + "] must be whole: " + integrity);
            }
            var schema = Storage.schema(Storage.flyway(Dialect.SQLITE)
                            .dataSource(URL + file.toAbsolutePath(), null, null)
                            .load())
                    .orElseThrow(() -> new SQLException("it has no tables of this program"));
            return new Contents(
                    Files.size(file),
                    schema,
                    number(connection, "select count(*) from job"),
                    number(connection, "select count(*) from question"),
                    readEvents(connection, file));
        } catch (SQLException | IOException broken) {
            throw new StorageException(
                    "the copy [" + file + "] must be a database of this program: " + broken.getMessage(), broken);
        }
    }

    private static long readEvents(Connection connection, Path file) throws SQLException {
        long events = 0;
        try (var statement = connection.createStatement()) {
            var rows = statement.executeQuery(
                    "select persistence_id, sequence_number, serializer_id, manifest, payload, checksum from journal");
            while (rows.next()) {
                new Stored(rows.getInt(3), rows.getString(4), rows.getBytes(5), rows.getLong(6))
                        .check("[" + file + "] " + rows.getString(1) + " " + rows.getLong(2));
                events++;
            }
        }
        return events;
    }

    private static String text(Connection connection, String question) throws SQLException {
        try (var statement = connection.createStatement()) {
            var row = statement.executeQuery(question);
            if (!row.next()) {
                throw new SQLException("nothing was found for: " + question);
            }
            return row.getString(1);
        }
    }

    private static long number(Connection connection, String question) throws SQLException {
        return Long.parseLong(text(connection, question));
    }
}
