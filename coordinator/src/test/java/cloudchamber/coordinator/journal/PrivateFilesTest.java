package cloudchamber.coordinator.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Nobody else on the machine reads what is stored. */
@DisabledOnOs(OS.WINDOWS)
class PrivateFilesTest {
    private static final List<String> FILES =
            List.of("cloudchamber.db", "cloudchamber.db-wal", "cloudchamber.db-shm", "lock");

    @TempDir
    private Path folder;

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static Storage open(Path data) {
        return Storage.open(
                StorageSettings.from(ConfigFactory.parseMap(Map.of("cloudchamber.journal.directory", data.toString()))
                        .withFallback(ConfigFactory.load())));
    }

    @Test
    void aDataDirectoryIsItsOwnersAlone() throws Exception {
        var data = folder.resolve("a/data");
        var storage = open(data);
        try {
            assertThat(mode(data)).isEqualTo("rwx------");
            for (var file : FILES) {
                assertThat(mode(data.resolve(file))).as(file).isEqualTo("rw-------");
            }
        } finally {
            storage.close();
        }
        var copy = folder.resolve("copy");
        Backup.write(data, copy);
        assertThat(mode(copy)).isEqualTo("rw-------");
        var restored = folder.resolve("restored");
        Backup.restore(copy, restored);
        assertThat(mode(restored)).isEqualTo("rwx------");
        assertThat(mode(restored.resolve("cloudchamber.db"))).isEqualTo("rw-------");
    }

    /** As an earlier version has made it. A directory without a database may be anything, and stays as it is. */
    @Test
    void aDataDirectoryThatOthersReadIsClosedAndNoOther() throws Exception {
        var data = Files.createDirectory(folder.resolve("data"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
        open(data).close();
        assertThat(mode(data)).isEqualTo("rwxr-xr-x");

        Files.setPosixFilePermissions(data.resolve("cloudchamber.db"), PosixFilePermissions.fromString("rw-r--r--"));
        open(data).close();
        assertThat(mode(data)).isEqualTo("rwx------");
        assertThat(mode(data.resolve("cloudchamber.db"))).isEqualTo("rw-------");
    }
}
