package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.Client.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections that say nothing are closed and hold nobody up for long. */
class ConnectionsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MAX = 4;

    private TestNode node;
    private ServerBinding server;

    @BeforeEach
    void start() throws Exception {
        node = new TestNode(
                "connections",
                Map.of(
                        "cloudchamber.http.server.max-connections",
                        MAX,
                        "cloudchamber.http.connections.max-refused",
                        2,
                        "cloudchamber.http.connections.first-request",
                        "2 s"));
        server = node.serve(node.settings(PATIENCE), node.dispatcher());
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private Socket idle() throws Exception {
        var socket = new Socket("127.0.0.1", server.localAddress().getPort());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    /** It may be told why. */
    private static void assertClosed(Socket socket) throws Exception {
        var said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(said).matches("(?s)|HTTP/1.1 408 .*");
    }

    @Test
    void aConnectionWithoutARequestIsClosed() throws Exception {
        try (var silent = idle();
                var slow = idle()) {
            slow.getOutputStream().write("GET /livez HT".getBytes(StandardCharsets.US_ASCII));
            assertClosed(silent);
            assertClosed(slow);
        }
    }

    @Test
    void silentConnectionsHoldOthersUpUntilTheyAreClosed() throws Exception {
        var silent = new ArrayList<Socket>();
        for (int connection = 0; connection < MAX; connection++) {
            silent.add(idle());
        }
        var refused = await().atMost(PATIENCE)
                .until(
                        () -> {
                            try (var client = new Client(server)) {
                                return client.get("/livez");
                            }
                        },
                        answer -> answer.statusCode() == 503);
        assertThat(json(refused).get("code").textValue()).isEqualTo("overloaded");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();

        await().atMost(PATIENCE).until(() -> {
            try (var client = new Client(server)) {
                return client.get("/livez").statusCode() == 200;
            }
        });
        for (var socket : silent) {
            assertClosed(socket);
            socket.close();
        }
    }

    /** A client that is served keeps its connection. */
    @Test
    void aConnectionThatHadARequestStays() throws Exception {
        try (var client = new Client(server)) {
            assertThat(client.get("/livez").statusCode()).isEqualTo(200);
            await().pollDelay(Duration.ofSeconds(3))
                    .atMost(PATIENCE)
                    .until(() -> client.get("/livez").statusCode() == 200);
        }
    }
}
