package cloudchamber.engine.binding;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A folder that holds native libraries as files, by their SHA-256: a shared library can be opened from
 * a file only, and the class path holds it in an archive.
 */
final class LibraryCache {
    /*
     * Several processes may start at once. Each writes a file of its own and moves it into place in one
     * step, so whoever looks sees a whole file or none; the bytes are the same whoever wins. What lies
     * there is compared with what it should be before it is used.
     */
    private final Path folder;

    LibraryCache(Path folder) {
        this.folder = folder;
    }

    /** The folder named by {@code cloudchamber.native.cache}, or one under the user's home. */
    static LibraryCache ofUser() {
        String property = System.getProperty("cloudchamber.native.cache");
        return new LibraryCache(
                property != null
                        ? Path.of(property)
                        : Path.of(System.getProperty("user.home"), ".cache", "cloudchamber", "native"));
    }

    /** A file with these bytes, there already or written now. */
    Path file(String name, byte[] bytes) {
        Path home = folder.resolve(sha256(bytes));
        Path file = home.resolve(name);
        try {
            if (Files.isRegularFile(file) && Arrays.equals(Files.readAllBytes(file), bytes)) {
                return file;
            }
            Files.createDirectories(home);
            Path own = Files.createTempFile(home, name, ".part");
            try {
                Files.write(own, bytes);
                moveInPlace(own, file);
            } finally {
                Files.deleteIfExists(own);
            }
            return file;
        } catch (IOException unwritable) {
            throw new EngineException(
                    Category.LIBRARY_UNAVAILABLE,
                    "the native library needs a folder to be unpacked in, named by cloudchamber.native.cache: was "
                            + unwritable + " (" + home + ")",
                    unwritable);
        }
    }

    private static void moveInPlace(Path own, Path file) throws IOException {
        try {
            Files.move(own, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException plainFileSystem) {
            Files.move(own, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
