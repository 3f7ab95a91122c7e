package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own clients before a real node with the bundled models. */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class OpenAiClientsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long COMMAND_MINUTES = 10;

    @TempDir
    private static Path folder;

    private static Program.Node node;

    @BeforeAll
    static void start() {
        node = Program.Node.start("--http-port", "0");
        var api = new ApiClient(node.url());
        await().atMost(PATIENCE)
                .until(() -> api.get("/api/v1/workers").path("workers").size() == 2);
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void theClientForPython() throws Exception {
        var packages = folder.resolve("python");
        run(Map.of(), "python3", "-m", "pip", "install", "--quiet", "--target", packages.toString(), "openai==3.57.0");

        assertCompletes(run(
                Map.of("PYTHONPATH", packages.toString()), "python3", script("openai_client.py", folder), node.url()));
    }

    @Test
    void theClientForNode() throws Exception {
        run(
                Map.of(),
                "npm",
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--prefix",
                folder.toString(),
                "openai@6.49.0");

        assertCompletes(run(Map.of(), "node", script("openai_client.mjs", folder), node.url()));
    }

    private static String script(String name, Path into) throws Exception {
        try (var script = OpenAiClientsTest.class.getResourceAsStream(name)) {
            var file = into.resolve(name);
            Files.copy(script, file);
            return file.toString();
        }
    }

    private static void assertCompletes(JsonNode seen) {
        assertThat(seen.path("models").get(0).asText()).isEqualTo("bundled");
        assertThat(seen.path("plain").asText()).contains("7");
        assertThat(seen.path("finish").asText()).isEqualTo("stop");
        assertThat(seen.path("tokens").asInt()).isPositive();
        assertThat(seen.path("weights").asInt()).isEqualTo(8);
        assertThat(seen.path("streamed")).isEqualTo(seen.path("plain"));
        assertThat(seen.path("rounds").asInt()).isPositive();
        assertThat(seen.path("error").asText()).isEqualTo("model_not_found");
        var api = new ApiClient(node.url());
        await().atMost(PATIENCE)
                .until(() -> !List.of("queued", "running")
                        .contains(api.job(seen.path("aborted").asText())
                                .path("status")
                                .asText()));
    }

    /** What a command printed last, as JSON; null if that is none. */
    private static JsonNode run(Map<String, String> environment, String... command) throws Exception {
        var out = Files.createTempFile(folder, "out", ".txt");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.directory(new File(folder.toString())).environment().putAll(environment);
        var process = builder.start();
        boolean ended = process.waitFor(COMMAND_MINUTES, TimeUnit.MINUTES);
        if (!ended) {
            process.destroyForcibly();
        }
        var text = Files.readString(out, StandardCharsets.UTF_8);
        assertThat(ended && process.exitValue() == 0).as(text).isTrue();
        var last = text.lines().reduce("", (before, line) -> line);
        return last.startsWith("{") ? ApiClient.JSON.readTree(last) : null;
    }
}
