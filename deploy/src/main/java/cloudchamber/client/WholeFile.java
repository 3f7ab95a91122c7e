package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that are written whole or not at all. */
final class WholeFile {
    private WholeFile() {}

    static void write(Path file, String content) {
        try {
            var temporary = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(temporary, content);
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failed) {
            throw CommandFailure.unavailable(file + " must be writable: " + failed);
        }
    }
}
