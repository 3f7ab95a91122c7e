package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import cloudchamber.console.ExitCode;
import cloudchamber.console.LiveView;
import cloudchamber.console.Text;
import cloudchamber.models.Models;
import cloudchamber.node.ClusterNode;
import cloudchamber.node.NodeOptions;
import cloudchamber.protocol.wire.Role;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that ask a running server, before a coordinator without workers; and those that need none. */
class ServerCommandsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private static Path data;

    private static ClusterNode node;

    private record Ran(int exitCode, String out, String err) {
        JsonNode json() {
            try {
                return ApiClient.JSON.readTree(out);
            } catch (IOException notJson) {
                throw new AssertionError("JSON was expected: was " + out, notJson);
            }
        }
    }

    @BeforeAll
    static void start() {
        node = ClusterNode.start(
                new NodeOptions(
                        EnumSet.of(Role.COORDINATOR),
                        List.of(),
                        List.of(),
                        0,
                        List.of(),
                        OptionalInt.of(0),
                        data,
                        Optional.empty()),
                Models.standard());
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> !new ApiClient(node.url()).get("/readyz").isEmpty());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static Ran run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int exitCode = Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Ran(exitCode, out.toString(), err.toString());
    }

    @Test
    void jobsAreShownAndCancelled() {
        var job = ApiClient.JSON.createObjectNode();
        job.putArray("problems").addObject().put("question", "Evaluate 3 + 4.\u001b[31m");
        var id = new ApiClient(node.url()).submit(job);

        var shown = run("job", id, "--url", node.url());
        assertThat(shown.exitCode()).isZero();
        assertThat(shown.out())
                .contains(id, "particle-filter, 16 particles", "waits for policy bundled", "Evaluate 3 + 4. [31m")
                .doesNotContain("\u001b");

        var cancelled = run("cancel", id, "--url", node.url());
        assertThat(cancelled.out().strip()).isEqualTo(id + ": cancelled");
        var after = run("job", id, "--wait", "--json", "--url", node.url());
        assertThat(after.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(after.json().path("status").asText()).isEqualTo("cancelled");
        assertThat(run("job", "job-0", "--url", node.url()).exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void whatIsKeptIsShownCopiedAndRemoved() {
        var job = ApiClient.JSON.createObjectNode();
        job.putArray("problems").addObject().put("question", "Evaluate 3 + 4.");
        var id = new ApiClient(node.url()).submit(job);
        run("cancel", id, "--url", node.url());

        var copy = data.resolve("copy.db").toString();
        var backup = run("backup", copy, "--data", data.toString());
        assertThat(backup.exitCode()).as(backup.err()).isZero();
        assertThat(backup.out()).contains("every checksum was right");
        assertThat(run("backup", copy, "--data", data.toString()).exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(run("restore", copy, "--data", data.resolve("restored").toString())
                        .exitCode())
                .isZero();

        assertThat(run("storage", "--url", node.url()).out()).contains("sqlite: ", "jobs stay for ever");
        var wouldGo = run("gc", "--older-than", "0s", "--dry-run", "--json", "--url", node.url())
                .json();
        assertThat(wouldGo.path("jobs").asInt()).isPositive();
        assertThat(wouldGo.path("bytes").asInt()).isPositive();
        assertThat(run("job", id, "--url", node.url()).exitCode()).isEqualTo(ExitCode.FAILED);
        var gone = run("gc", "--older-than", "0s", "--compact", "--url", node.url());
        assertThat(gone.out()).startsWith("removed ");
        assertThat(run("job", id, "--url", node.url()).exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run("gc", "--older-than", "week", "--url", node.url()).exitCode())
                .isEqualTo(ExitCode.USAGE);
    }

    @Test
    void withoutAServerADataDirectoryIsOpened(@TempDir Path other) {
        var shown = run("cluster", "--data", other.toString(), "--json");

        assertThat(shown.exitCode()).as(shown.err()).isZero();
        assertThat(shown.json().path("members")).hasSize(1);
        assertThat(run("jobs", "--data", other.resolve("none").toString()).err())
                .contains("--data must be");
        // The server of these tests has it open.
        assertThat(run("jobs", "--data", data.toString()).exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    }

    @Test
    void aTerminalObeysNoModel() {
        assertThat(Text.lines(" a\u001b[31mb\u202e\r\nc\u0007\n", "  ")).isEqualTo("a [31mb \n  c ");
    }

    @Test
    void aJobIsExportedAndOnlyAFinishedOneReplayed() throws IOException {
        var job = ApiClient.JSON.createObjectNode();
        job.putArray("problems").addObject().put("question", "Evaluate 3 + 4.");
        var id = new ApiClient(node.url()).submit(job);
        var file = data.resolve("export.jsonl");

        assertThat(run("job", "export", id, "--out", file.toString(), "--url", node.url())
                        .exitCode())
                .isZero();
        assertThat(Files.readAllLines(file)).hasSize(2).first().asString().contains("\"kind\":\"job\"", id);
        assertThat(run("job", "export", id, "--url", node.url()).out()).contains("\"kind\":\"problem\"");
        assertThat(run("job", "export", "job-0", "--url", node.url()).exitCode())
                .isEqualTo(ExitCode.USAGE);
        assertThat(run("job", "--url", node.url()).exitCode()).isEqualTo(ExitCode.USAGE);

        var replayed = run("replay", id, "--target", "product", "--aggregation", "last", "--url", node.url());
        assertThat(replayed.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(replayed.out()).contains("p1", "refused: a ", "0 replayed, 1 refused");
        assertThat(run("replay", id, "--target", "best", "--url", node.url()).exitCode())
                .isEqualTo(ExitCode.USAGE);
        run("cancel", id, "--url", node.url());
    }

    @Test
    void theClusterAndItsWorkersAreShown() {
        assertThat(run("cluster", "--url", node.url()).out()).contains("coordinator", "0 workers");
        assertThat(run("cluster", "--url", node.url(), "--json").json().path("members"))
                .hasSize(1);
        assertThat(run("workers", "--url", node.url()).out()).startsWith("worker");
        assertThat(run("workers", "--url", node.url(), "--json").json().path("workers"))
                .isEmpty();
        var drained = run("workers", "drain", "nobody", "--url", node.url());
        assertThat(drained.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(drained.err()).contains("the id of a worker was expected");
    }

    @Test
    void settingsSayWhereTheyCameFrom() {
        var settings = run("config", "show", "--under", "cloudchamber.http", "--json")
                .json()
                .path("settings");

        assertThat(settings).anySatisfy(setting -> {
            assertThat(setting.path("path").asText()).isEqualTo("cloudchamber.http.chat-timeout");
            assertThat(setting.path("value").asText()).isEqualTo("\"10 minutes\"");
            assertThat(setting.path("from").asText()).startsWith("reference.conf");
        });
        assertThat(run("config", "show", "--under", "no.such").exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void theDoctorFindsTheModelsAndTheLibrary() {
        var findings = run("doctor", "--json").json().path("findings");

        assertThat(findings)
                .extracting(finding -> finding.path("what").asText())
                .containsExactly("jdk", "memory", "model", "model", "library", "port", "data", "clock");
        assertThat(findings)
                .filteredOn(finding -> List.of("jdk", "model", "library")
                        .contains(finding.path("what").asText()))
                .allMatch(finding -> finding.path("state").asText().equals("ok"));
    }

    @Test
    void theShellLearnsTheCommands() {
        assertThat(run("completion").out()).contains("complete -F", "workers", "--particles");
    }

    @Test
    void aRoundIsShownOnOneLine() throws IOException {
        var round = ApiClient.JSON.readTree("""
                {"round":3,"chains":[{"nodes":[1,2,3,4],"ess":2.0,"finished":1}],"best":{"answer":"7","weight":0.25}}""");

        assertThat(LiveView.line(round))
                .isEqualTo("round 3  ESS [##########..........] 2.0 of 4  finished 1  best so far 7 (0.25)");
    }
}
