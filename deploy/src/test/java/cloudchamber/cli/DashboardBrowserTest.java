package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dashboard in a headless browser, on a real server that solves real problems. Needs Chromium, Node and the
 * packages of {@code src/test/browser}; {@code .ci/run} installs them.
 */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class DashboardBrowserTest {
    private static final Path SCRIPTS = Program.REPOSITORY.resolve("deploy/src/test/browser");
    private static final Path SCREENSHOTS = Program.REPOSITORY.resolve("deploy/target/screenshots");

    @TempDir
    private Path data;

    @Test
    void thePageShowsWhatHappensAndNothingElse() throws IOException, InterruptedException {
        try (var node = Program.Node.start("--http-port", "0", "--data", data.toString())) {
            var process = new ProcessBuilder("node", "dashboard.mjs", node.url(), SCREENSHOTS.toString())
                    .directory(SCRIPTS.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(process.waitFor()).as(said).isZero();
            assertThat(said).contains("ok 40 hostile texts are shown as text");
            assertThat(said).contains("ok a sweep draws its curves while it runs");
            for (var page : List.of("problem.png", "sweep.png", "sweep-phone-dark.png")) {
                assertThat(Files.size(SCREENSHOTS.resolve(page))).as(page).isGreaterThan(10_000);
            }
        }
    }

    @Test
    void whoHasAKeyLogsIn() throws IOException, InterruptedException {
        var made = Program.run("keys", "create", "--role", "admin", "--data", data.toString(), "--json");
        assertThat(made.exitCode()).as(made.err()).isZero();
        var key = Files.writeString(
                data.resolve("admin.key"), made.json().get("key").textValue());
        try (var node = Program.Node.start("--role", "coordinator", "--http-port", "0", "--data", data.toString())) {
            var process = new ProcessBuilder(
                            "node",
                            "login.mjs",
                            node.url(),
                            key.toString(),
                            made.json().get("id").textValue())
                    .directory(SCRIPTS.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(process.waitFor()).as(said).isZero();
            assertThat(said).contains("ok a session ends with its key, and the page says so");
        }
    }
}
