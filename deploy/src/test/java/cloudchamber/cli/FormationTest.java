package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import com.fasterxml.jackson.databind.JsonNode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Coordinators that are killed and started again, by the commands of their first start: one cluster comes of it. */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class FormationTest {
    private static final Duration ONE_CLUSTER = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private EmbeddedPostgres postgres;
    private List<Integer> ports;
    private final List<Program.Node> nodes = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        postgres = EmbeddedPostgres.start();
        ports = freePorts(3);
        for (int node = 0; node < ports.size(); node++) {
            nodes.add(startNode(node));
        }
        awaitOneCluster();
    }

    @AfterEach
    void stop() throws IOException {
        nodes.forEach(Program.Node::close);
        postgres.close();
    }

    @Test
    void whoeverIsKilledOneClusterComesOfIt() {
        theFirstCoordinatorJoinsTheOthersWhenItComesBack();
        whoeverIsLeftServesAndTheOthersComeBackToIt();
        coordinatorsThatAreAllKilledFormOneClusterAgain();
    }

    /** The first one's command has no {@code --join}. */
    private void theFirstCoordinatorJoinsTheOthersWhenItComesBack() {
        nodes.getFirst().kill();
        nodes.set(0, startNode(0));

        awaitOneCluster();
    }

    /** The second and the first are lost at once, and the third, whose cluster they were most of, stays. */
    private void whoeverIsLeftServesAndTheOthersComeBackToIt() {
        nodes.get(1).kill();
        nodes.get(0).kill();
        var left = nodes.getLast();
        awaitOneCluster(List.of(left), Set.of(ports.getLast()));

        nodes.set(0, startNode(0));
        nodes.set(1, startNode(1));
        awaitOneCluster();
    }

    /** None is left that the others could join, and none waits for another. */
    private void coordinatorsThatAreAllKilledFormOneClusterAgain() {
        nodes.forEach(Program.Node::kill);
        for (int node = nodes.size() - 1; node >= 0; node--) {
            nodes.set(node, startNode(node));
        }

        awaitOneCluster();
    }

    private Program.Node startNode(int number) {
        var arguments = new ArrayList<>(List.of(
                "--role",
                "coordinator",
                "--port",
                Integer.toString(ports.get(number)),
                "--http-port",
                "0",
                "--database",
                postgres.getJdbcUrl("postgres", "postgres")));
        if (number > 0) {
            arguments.addAll(List.of("--join", "127.0.0.1:" + ports.getFirst()));
        }
        return Program.Node.start(folder.resolve("node-" + number + ".log"), arguments);
    }

    private void awaitOneCluster() {
        awaitOneCluster(nodes, Set.copyOf(ports));
    }

    /** Every node says of itself that it is ready, and all name the same members, each of them up. */
    private static void awaitOneCluster(List<Program.Node> nodes, Set<Integer> expected) {
        await().atMost(ONE_CLUSTER).ignoreExceptions().untilAsserted(() -> {
            for (var node : nodes) {
                var api = new ApiClient(node.url());
                api.get("/readyz");
                assertThat(members(api)).isEqualTo(expected);
            }
        });
    }

    private static Set<Integer> members(ApiClient api) {
        return StreamSupport.stream(api.cluster().path("members").spliterator(), false)
                .filter(member -> member.path("status").asText().equals("up"))
                .map(FormationTest::port)
                .collect(Collectors.toSet());
    }

    private static int port(JsonNode member) {
        var address = member.path("address").asText();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private static List<Integer> freePorts(int count) throws IOException {
        var open = new ArrayList<ServerSocket>();
        try {
            for (int port = 0; port < count; port++) {
                open.add(new ServerSocket(0));
            }
            return open.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (var each : open) {
                each.close();
            }
        }
    }
}
