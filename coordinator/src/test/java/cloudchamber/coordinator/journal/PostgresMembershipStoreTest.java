package cloudchamber.coordinator.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The register on PostgreSQL, and what only a shared database can show. */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class PostgresMembershipStoreTest extends MembershipStoreContract {
    private static EmbeddedPostgres postgres;
    private static int databases;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @Override
    StorageSettings settings() throws SQLException {
        var settings = settings(database());
        Storage.open(settings).close();
        return settings;
    }

    private static String database() throws SQLException {
        var name = "membership_" + databases++;
        execute(postgres.getJdbcUrl("postgres", "postgres"), "create database " + name);
        return postgres.getJdbcUrl("postgres", name);
    }

    private static StorageSettings settings(String url) {
        return StorageSettings.from(
                ConfigFactory.parseMap(Map.of("cloudchamber.journal.url", url)).withFallback(ConfigFactory.load()));
    }

    private static void execute(String url, String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** They would form a second cluster: they know no register. */
    @Test
    void coordinatorsOfAnEarlierVersionMustBeStoppedBeforeTheSchemaMoves() throws Exception {
        var url = database();
        Storage.flyway(Dialect.POSTGRESQL)
                .dataSource(url, null, null)
                .target("5")
                .load()
                .migrate();
        try (var earlier = DriverManager.getConnection(url + "&ApplicationName=cloudchamber")) {
            assertThat(earlier.isValid(0)).isTrue();
            assertThatThrownBy(() -> Storage.open(settings(url)))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("coordinators of an earlier version must be stopped first")
                    .hasMessageContaining("stop all nodes, then start all with one version");
        }
        Storage.open(settings(url)).close();
    }
}
