package cloudchamber.coordinator.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Optional;

/**
 * The file of a SQLite database that is open. SQLite itself goes on with a file that was deleted, and does not read
 * again what it has in memory.
 *
 * <p>[1] To close any handle of the file gives up every lock that this process has on it, also those of SQLite. So one
 * handle is opened and kept until the database is closed.
 */
final class DatabaseFile implements AutoCloseable {
    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

    private final Path file;
    private final Object key;
    // [1]
    private final FileChannel handle;

    /** @throws StorageException if there is no such file */
    DatabaseFile(Path file) {
        this.file = file;
        try {
            this.key = key(file);
            this.handle = FileChannel.open(file, StandardOpenOption.READ);
        } catch (IOException missing) {
            throw new StorageException("the database [" + file + "] must be readable: " + missing, missing);
        }
    }

    private static Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /** What happened to the file; empty if it is where it was and begins as a database does. */
    Optional<StorageException.Damaged> damage() {
        try {
            var now = key(file);
            if (now != null && !now.equals(key)) {
                return Optional.of(damaged("it was replaced"));
            }
            return beginsAsDatabase() ? Optional.empty() : Optional.of(damaged("it was overwritten"));
        } catch (NoSuchFileException gone) {
            return Optional.of(damaged("it is gone"));
        } catch (IOException unknown) {
            // The next write says more.
            return Optional.empty();
        }
    }

    private boolean beginsAsDatabase() throws IOException {
        var start = ByteBuffer.allocate(MAGIC.length);
        return handle.read(start, 0) == MAGIC.length && Arrays.equals(start.array(), MAGIC);
    }

    private StorageException.Damaged damaged(String seen) {
        return new StorageException.Damaged(
                "the database [" + file + "] must stay as it is while a server has it: " + seen);
    }

    @Override
    public void close() {
        try {
            handle.close();
        } catch (IOException gone) {
            throw new StorageException("the database [" + file + "] must close: " + gone, gone);
        }
    }
}
