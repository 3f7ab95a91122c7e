package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import cloudchamber.console.ExitCode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that is damaged or gone stops its server, which says how to bring it back. */
class DamagedDatabaseTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private Program.Node start(Path data, Path log) {
        return Program.Node.start(log, List.of("--role", "coordinator", "--http-port", "0", "--data", data.toString()));
    }

    private static void assertStops(Program.Node node, Path log) throws IOException {
        assertThat(node.awaitEnd(PATIENCE)).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(Files.readString(log)).contains("./cloudchamber restore FILE --data");
    }

    @Test
    void aServerWhoseDatabaseWasDeletedStops() throws Exception {
        var data = directory.resolve("data");
        var log = directory.resolve("log");
        try (var node = start(data, log)) {
            Files.delete(data.resolve("cloudchamber.db"));
            assertStops(node, log);
        }
    }

    @Test
    void aServerWhoseDatabaseIsDamagedStops() throws Exception {
        var data = directory.resolve("data");
        var log = directory.resolve("log");
        try (var node = start(data, log)) {
            var api = new ApiClient(node.url());
            await().atMost(PATIENCE).ignoreExceptions().until(() -> api.get("/readyz") != null);
            damage(data.resolve("cloudchamber.db"));
            assertStops(node, log);
        }
    }

    @Test
    void aServerDoesNotStartOnADamagedDatabase() throws Exception {
        var data = directory.resolve("data");
        Files.createDirectories(data);
        Files.write(data.resolve("cloudchamber.db"), new byte[64 * 1024]);
        damage(data.resolve("cloudchamber.db"));

        var ended = Program.run("start", "--role", "coordinator", "--http-port", "0", "--data", data.toString());

        assertThat(ended.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(ended.err()).contains("./cloudchamber restore FILE --data " + data);
    }

    private static void damage(Path file) throws IOException {
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            var junk = new byte[(int) raw.length()];
            Arrays.fill(junk, (byte) 0xa5);
            raw.write(junk);
        }
    }
}
