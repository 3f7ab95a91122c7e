package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.Client.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.coordinator.access.ApiKey;
import cloudchamber.coordinator.access.KeyRole;
import cloudchamber.coordinator.journal.KeyStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first key is made by whoever has the database, or the file that the server was given; never by a stranger. */
class FirstKeyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ADMIN = "{\"role\":\"admin\"}";

    @TempDir
    private Path directory;

    @Test
    void aStrangerDoesNotMakeTheFirstKey() throws Exception {
        try (var node = new TestNode("first-key");
                var client = new Client(node.serve(node.settings(PATIENCE), node.dispatcher()))) {
            for (var role : KeyRole.values()) {
                var refused = client.post("/api/v1/keys", "{\"role\":\"" + role.id() + "\"}");
                assertThat(refused.statusCode()).isEqualTo(403);
                assertThat(json(refused).get("code").textValue()).isEqualTo("forbidden");
                assertThat(json(refused).get("detail").textValue()).contains("--bootstrap-key-file");
            }
            var guessed = client.post("/api/v1/keys", ADMIN, bearer(ApiKey.random(new SecureRandom())));
            assertThat(guessed.statusCode()).isEqualTo(403);
            assertThat(client.get("/api/v1/jobs").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void theKeyInTheFileIsTheFirstAdmins() throws Exception {
        var key = ApiKey.random(new SecureRandom());
        var file = Files.writeString(directory.resolve("key"), key.text().value() + "\n");
        try (var node = new TestNode("bootstrap", Map.of("cloudchamber.http.bootstrap-key-file", file.toString()));
                var client = new Client(node.serve(node.settings(PATIENCE), node.dispatcher()))) {
            assertThat(client.get("/api/v1/jobs").statusCode()).isEqualTo(401);
            assertThat(client.post("/api/v1/keys", ADMIN).statusCode()).isEqualTo(401);
            assertThat(client.post("/api/v1/keys", "{\"role\":\"read\"}", bearer(key))
                            .statusCode())
                    .isEqualTo(201);
            var stored = KeyStore.get(node.kit().system())
                    .keys()
                    .toCompletableFuture()
                    .get();
            assertThat(stored).hasSize(2).anySatisfy(row -> {
                assertThat(row.hash()).isEqualTo(key.hash());
                assertThat(row.role()).isEqualTo("admin");
            });
            assertThat(stored.toString()).doesNotContain(key.text().value());
        }
    }

    @Test
    void aFileWithoutAKeyIsRefused() throws Exception {
        var file = Files.writeString(directory.resolve("key"), "secret");
        try (var node = new TestNode("no-key", Map.of("cloudchamber.http.bootstrap-key-file", file.toString()))) {
            assertThatThrownBy(() -> node.serve(node.settings(PATIENCE), node.dispatcher()))
                    .hasMessageContaining("must hold a key")
                    .hasMessageNotContaining("secret");
        }
    }

    private static String[] bearer(ApiKey key) {
        return new String[] {"Authorization", "Bearer " + key.text().value()};
    }
}
