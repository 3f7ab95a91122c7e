package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes on the loopback address without a certificate of their own: those of one user join, those of another do not. */
class OwnClusterTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** Several times what a join takes. */
    private static final Duration NOT_JOINED = Duration.ofSeconds(15);

    private static final String MODEL =
            "simulated:" + Program.REPOSITORY.resolve("deploy/examples/hmm.json") + "?mean-millis=1";

    @TempDir
    private Path folder;

    private Program.Node node(String user, String... arguments) throws Exception {
        return Program.Node.start(
                Map.of("HOME", Files.createDirectories(folder.resolve(user)).toString()), arguments);
    }

    private static int members(ApiClient api) {
        return api.get("/api/v1/cluster").path("members").size();
    }

    @Test
    void whoeverHasNotTheOwnersCertificateIsNoMember() throws Exception {
        try (var coordinator = node("owner", "--role", "coordinator", "--http-port", "0", "--health-port", "0");
                var own = node(
                        "owner",
                        "--role",
                        "policy",
                        "--policy",
                        MODEL,
                        "--join",
                        coordinator.address(),
                        "--health-port",
                        "0");
                var foreign = node(
                        "stranger",
                        "--role",
                        "prm",
                        "--prm",
                        MODEL,
                        "--join",
                        coordinator.address(),
                        "--health-port",
                        "0")) {
            var api = new ApiClient(coordinator.url());
            await().atMost(PATIENCE).until(() -> members(api) == 2);
            await().during(NOT_JOINED).atMost(PATIENCE).until(() -> members(api) == 2);
            for (var node : List.of(coordinator, own, foreign)) {
                assertThat(status(node, "/livez")).isEqualTo(200);
                assertThat(status(node, "/readyz")).isEqualTo(node == foreign ? 503 : 200);
            }
            assertThat(List.of(own.address(), foreign.address())).doesNotHaveDuplicates();
            assertThat(roles(api.get("/api/v1/cluster"))).containsExactlyInAnyOrder("coordinator", "policy");
        }
    }

    private static int status(Program.Node node, String path) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(node.health() + path))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static List<String> roles(JsonNode cluster) {
        return cluster.path("members")
                .valueStream()
                .flatMap(member -> member.path("roles").valueStream())
                .map(JsonNode::asText)
                .filter(role -> !role.startsWith("dc-"))
                .toList();
    }

    /** A process that has ended and whose end nobody has asked for yet has no command any more. */
    private static boolean runs(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }

    /** A killed coordinator's engines do not stay behind. */
    @Test
    void theEnginesOfAKilledNodeEnd() throws Exception {
        try (var node = node("owner", "--http-port", "0")) {
            var children =
                    ProcessHandle.of(node.processId()).orElseThrow().children().toList();
            assertThat(children).hasSize(2);
            node.kill();
            await().atMost(Duration.ofSeconds(2)).until(() -> children.stream().noneMatch(OwnClusterTest::runs));
        }
    }
}
