package cloudchamber.coordinator.journal;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The plugins keep what Pekko asks of a journal and a snapshot store, on SQLite. */
class SqliteCompatibilityTest {
    @TempDir
    private Path directory;

    @TestFactory
    Stream<DynamicTest> journal() {
        return CompatibilityKit.journal(
                ConfigFactory.parseMap(Map.of("cloudchamber.journal.directory", directory.toString())));
    }

    @TestFactory
    Stream<DynamicTest> snapshots() {
        return CompatibilityKit.snapshots(
                ConfigFactory.parseMap(Map.of("cloudchamber.journal.directory", directory.toString())));
    }
}
