package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.client.ApiClient;
import cloudchamber.console.ExitCode;
import cloudchamber.console.ProgramVersion;
import cloudchamber.models.Simulated;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that cannot be members of one cluster refuse each other, and each says so in one line. */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class VersionRefusalTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String MODEL = Simulated.PREFIX + Program.REPOSITORY.resolve("deploy/examples/hmm.json");

    @TempDir
    private Path folder;

    /** Another format, and the split-brain resolver of the versions before there was one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Dcloudchamber.cluster.format=1",
                "-Dpekko.cluster.split-brain-resolver.active-strategy=keep-majority"
            })
    void aNodeOfAnotherVersionIsRefused(String setting) throws IOException {
        var log = folder.resolve("coordinator.log");
        var workerLog = folder.resolve("worker.log");
        try (var coordinator = Program.Node.start(log, List.of("--role", "coordinator", "--http-port", "0"));
                var worker = Program.Node.start(
                        List.of(),
                        List.of(setting),
                        workerLog,
                        List.of("--role", "policy", "--policy", MODEL, "--join", coordinator.address()))) {
            assertThat(worker.awaitEnd(PATIENCE)).isEqualTo(ExitCode.UNAVAILABLE);
            assertThat(lines(workerLog, "the cluster refused this node"))
                    .singleElement()
                    .asString()
                    .contains(
                            "cloudchamber " + ProgramVersion.CURRENT,
                            "stop all nodes, then start all with one version");
            assertThat(lines(log, "Found incompatible settings when"))
                    .singleElement()
                    .asString()
                    .contains(worker.address());
            assertThat(new ApiClient(coordinator.url()).cluster().path("members"))
                    .hasSize(1);
        }
    }

    @Test
    void aNodeThatIsOlderThanTheSchemaNamesTheVersion() throws Exception {
        try (var postgres = EmbeddedPostgres.start()) {
            var url = postgres.getJdbcUrl("postgres", "postgres");
            assertThat(Program.run("keys", "list", "--database", url).exitCode())
                    .isZero();
            try (var connection = postgres.getPostgresDatabase().getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("""
                        insert into flyway_schema_history select 99, '99', 'later', type, 'V99__later.sql', checksum,
                          installed_by, installed_on, execution_time, success from flyway_schema_history
                          where installed_rank = 1""");
            }
            var started = Program.run(
                    "start",
                    "--role",
                    "coordinator",
                    "--http-port",
                    "0",
                    "--database",
                    url,
                    "--data",
                    folder.toString());

            assertThat(started.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
            assertThat(started.err()).contains("its schema is 99, of a later one");
        }
    }

    private static List<String> lines(Path log, String with) throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains(with))
                .toList();
    }
}
