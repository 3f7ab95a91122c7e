package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
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
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys from the command line: before a server runs, and of one that speaks HTTPS. */
class KeysCommandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private record Ran(int exitCode, String out, String err) {
        JsonNode json() {
            try {
                return ApiClient.JSON.readTree(out);
            } catch (IOException notJson) {
                throw new AssertionError("JSON was expected: was " + out + err, notJson);
            }
        }
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

    private ClusterNode node(Map<String, Object> settings) {
        return ClusterNode.start(
                new NodeOptions(
                        EnumSet.of(Role.COORDINATOR),
                        List.of(),
                        List.of(),
                        0,
                        List.of(),
                        OptionalInt.of(0),
                        folder.resolve("data"),
                        Optional.empty(),
                        NodeOptions.LOOPBACK,
                        settings,
                        Optional.empty()),
                Models.standard());
    }

    @Test
    void keysAreMadeListedAndRevokedWhileNoServerRuns() {
        var data = folder.resolve("data").toString();
        var first = run("keys", "create", "--role", "read", "--data", data);
        assertThat(first.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(first.err()).contains("--role must be admin for the first key");

        var admin = run("keys", "create", "--role", "admin", "--data", data);
        assertThat(admin.exitCode()).as(admin.err()).isZero();
        assertThat(admin.out().strip()).matches("cck_[A-Za-z0-9_-]{43}");
        assertThat(admin.err())
                .contains("role admin, tenant default, expires never")
                .doesNotContain("cck_");
        var night = run(
                "keys",
                "create",
                "--role",
                "submit",
                "--tenant",
                "night",
                "--valid-for",
                "30d",
                "--data",
                data,
                "--json");
        assertThat(night.json().get("expiresAt").isTextual()).isTrue();

        var listed = run("keys", "list", "--data", data, "--json");
        assertThat(listed.json().get("keys")).hasSize(2);
        assertThat(listed.out()).doesNotContain("cck_");
        var id = night.json().get("id").textValue();
        assertThat(run("keys", "revoke", id, "--data", data).out()).contains(id + " is revoked");
        assertThat(run("keys", "list", "--data", data).out()).contains("revoked", "night", "never");
        assertThat(run("keys", "revoke", "key-none", "--data", data).exitCode()).isEqualTo(ExitCode.USAGE);
        for (var wrong : List.of("--role=root", "--role=read --tenant=A", "--role=read --valid-for=soon")) {
            var arguments = ("keys create --data " + data + " " + wrong).split(" ");
            assertThat(run(arguments).exitCode()).as(wrong).isEqualTo(ExitCode.USAGE);
        }
    }

    @Test
    void everyCommandShowsItsKeyToAServerThatSpeaksHttps() throws Exception {
        var key = folder.resolve("admin.key");
        Files.writeString(
                key,
                run(
                                "keys",
                                "create",
                                "--role",
                                "admin",
                                "--data",
                                folder.resolve("data").toString())
                        .out());
        var authority = folder.resolve("ca").toString();
        var issued = folder.resolve("node");
        assertThat(run("certs", "init", "--directory", authority).exitCode()).isZero();
        assertThat(run("certs", "issue", "127.0.0.1", "--directory", authority, "--output", issued.toString())
                        .exitCode())
                .isZero();
        var files = Map.<String, Object>of(
                "cloudchamber.http.tls.certificate",
                issued.resolve("tls.crt").toString(),
                "cloudchamber.http.tls.key",
                issued.resolve("tls.key").toString());
        try (var node = node(files)) {
            assertThat(node.url()).startsWith("https://127.0.0.1:");
            var ca = issued.resolve("ca.crt").toString();

            var stranger = run("jobs", "--url", node.url(), "--ca-file", ca);
            assertThat(stranger.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(stranger.err()).contains("Bearer and a key was expected");
            var untrusting = run("jobs", "--url", node.url(), "--key-file", key.toString());
            assertThat(untrusting.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
            var known = run("jobs", "--url", node.url(), "--ca-file", ca, "--key-file", key.toString());
            assertThat(known.exitCode()).as(known.err()).isZero();

            var made = run(
                    "keys",
                    "create",
                    "--role",
                    "read",
                    "--name",
                    "watch",
                    "--url",
                    node.url(),
                    "--ca-file",
                    ca,
                    "--key-file",
                    key.toString(),
                    "--json");
            assertThat(made.exitCode()).as(made.err()).isZero();
            var reader = Files.writeString(
                            folder.resolve("read.key"), made.json().get("key").textValue())
                    .toString();
            assertThat(run("workers", "--url", node.url(), "--ca-file", ca, "--key-file", reader)
                            .exitCode())
                    .isZero();
            var drained = run("workers", "drain", "w", "--url", node.url(), "--ca-file", ca, "--key-file", reader);
            assertThat(drained.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(drained.err()).contains("the key must have the role admin: has read");
            var id = made.json().get("id").textValue();
            assertThat(run("keys", "revoke", id, "--url", node.url(), "--ca-file", ca, "--key-file", key.toString())
                            .out())
                    .contains(id + " is revoked");
            await().atMost(PATIENCE)
                    .until(() -> run("workers", "--url", node.url(), "--ca-file", ca, "--key-file", reader)
                                    .exitCode()
                            == ExitCode.USAGE);

            var beside = run("keys", "list", "--data", folder.resolve("data").toString());
            assertThat(beside.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
            assertThat(beside.err()).contains("must belong to one process", "--url");
        }
    }

    @Test
    void aServerThatOthersReachNeedsTlsAndAKey() {
        var exposed = Map.<String, Object>of("cloudchamber.http.host", "0.0.0.0");
        assertThatThrownBy(() -> node(exposed).close())
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("cloudchamber.http.host must be a loopback address, or there must be TLS")
                .hasMessageContaining("--http-certificate and --http-key");
        var keyless = Map.<String, Object>of("cloudchamber.http.host", "0.0.0.0", "cloudchamber.http.insecure", true);
        assertThatThrownBy(() -> node(keyless).close())
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("must have a key before it starts: there is none; make one with ./cloudchamber"
                        + " keys create --role admin");
    }

    @Test
    void filesThatAreNoCertificateAreNamed() throws Exception {
        var wrong = Files.writeString(folder.resolve("wrong.pem"), "nothing");
        var files = Map.<String, Object>of(
                "cloudchamber.http.tls.certificate", wrong.toString(), "cloudchamber.http.tls.key", wrong.toString());

        assertThatThrownBy(() -> node(files).close())
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("cloudchamber.http.tls.certificate must have certificates in PEM")
                .hasMessageContaining("wrong.pem");
    }
}
