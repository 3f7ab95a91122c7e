package cloudchamber.coordinator.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The plugins keep what Pekko asks of a journal and a snapshot store, on PostgreSQL. */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class PostgresCompatibilityTest {
    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @TestFactory
    Stream<DynamicTest> journal() {
        return CompatibilityKit.journal(settings());
    }

    @TestFactory
    Stream<DynamicTest> snapshots() {
        return CompatibilityKit.snapshots(settings());
    }

    private static Config settings() {
        return ConfigFactory.parseMap(Map.of("cloudchamber.journal.url", postgres.getJdbcUrl("postgres", "postgres")));
    }
}
