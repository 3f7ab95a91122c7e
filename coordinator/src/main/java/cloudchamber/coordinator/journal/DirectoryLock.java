package cloudchamber.coordinator.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a data directory to one process; the operating system lets go of it when the process ends, however it ends. */
final class DirectoryLock implements AutoCloseable {
    private static final String FILE = "lock";

    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the directory, and makes it if there is none.
     *
     * @throws StorageException if another process has it, or it cannot be written
     */
    static DirectoryLock take(Path directory) {
        try {
            PrivateFiles.makeDirectory(directory);
            if (Files.exists(directory.resolve(Dialect.FILE))) {
                // The directory is one of this program, whoever made it.
                PrivateFiles.restrict(directory);
            }
            var file = directory.resolve(FILE);
            PrivateFiles.makeFile(file);
            var channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (!locked(channel)) {
                var holder = Files.readString(file).strip();
                channel.close();
                throw new StorageException("the data directory [" + directory + "] must belong to one process: process "
                        + holder + " has it; stop that one, or name another directory");
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
            return new DirectoryLock(channel);
        } catch (IOException unwritable) {
            throw new StorageException(
                    "the data directory [" + directory + "] must be writable: " + unwritable, unwritable);
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException ours) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException gone) {
            throw new StorageException("the lock of the data directory must be released: " + gone, gone);
        }
    }
}
