package cloudchamber.coordinator.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The read model on PostgreSQL. */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class PostgresReadModelTest extends ReadModelContract {
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
    Config storage() throws SQLException {
        var name = "read_model_" + databases++;
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        return ConfigFactory.parseMap(Map.of("cloudchamber.journal.url", postgres.getJdbcUrl("postgres", name)));
    }
}
