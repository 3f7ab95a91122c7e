package cloudchamber.coordinator.journal;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** The register on SQLite. */
class SqliteMembershipStoreTest extends MembershipStoreContract {
    @TempDir
    private Path directory;

    @Override
    StorageSettings settings() {
        var settings = StorageSettings.from(
                ConfigFactory.parseMap(Map.of("cloudchamber.journal.directory", directory.toString()))
                        .withFallback(ConfigFactory.load()));
        Storage.open(settings).close();
        return settings;
    }
}
