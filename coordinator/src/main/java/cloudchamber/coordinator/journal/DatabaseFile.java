package cloudchamber.coordinator.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** The file of a SQLite database that is open. SQLite itself goes on writing to a file that was deleted. */
final class DatabaseFile {
    private final Path file;
    private final Object key;

    /** @throws StorageException if there is no such file */
    DatabaseFile(Path file) {
        this.file = file;
        try {
            this.key = key(file);
        } catch (IOException missing) {
            throw new StorageException("the database [" + file + "] must be readable: " + missing, missing);
        }
    }

    private static Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /** What happened to the file; empty if it is where it was. */
    Optional<StorageException.Damaged> damage() {
        try {
            var now = key(file);
            return now == null || now.equals(key) ? Optional.empty() : Optional.of(moved("was replaced"));
        } catch (NoSuchFileException gone) {
            return Optional.of(moved("is gone"));
        } catch (IOException unknown) {
            // The next write says more.
            return Optional.empty();
        }
    }

    private StorageException.Damaged moved(String what) {
        return new StorageException.Damaged(
                "the database [" + file + "] must stay where it is while a server has it: it " + what);
    }
}
