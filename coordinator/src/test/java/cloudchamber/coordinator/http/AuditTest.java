package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.Client.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.coordinator.access.KeyOrder;
import cloudchamber.coordinator.access.KeyRole;
import cloudchamber.coordinator.journal.KeyStore;
import com.fasterxml.jackson.databind.JsonNode;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What changes something is written down with who did it; admins read it. */
class AuditTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static TestNode node;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        node = new TestNode("audit");
        client = new Client(node.serve(node.settings(PATIENCE), node.dispatcher()));
        await().atMost(PATIENCE).until(() -> client.get("/readyz").statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        client.close();
        node.close();
    }

    private static String[] key(KeyRole role) throws Exception {
        var issued = new KeyOrder("test", role, "red", Optional.empty())
                .issue(new SecureRandom(), System.currentTimeMillis());
        KeyStore.get(node.kit().system())
                .add(issued.row())
                .toCompletableFuture()
                .get();
        return new String[] {
            "Authorization",
            "Bearer " + issued.key().text().value(),
            issued.row().id()
        };
    }

    private static List<JsonNode> entries(String[] admin) throws Exception {
        return json(client.get("/api/v1/audit?limit=1000", admin[0], admin[1]))
                .get("entries")
                .valueStream()
                .toList();
    }

    @Test
    void whoDidWhatToWhichObjectIsToldToAdmins() throws Exception {
        var admin = key(KeyRole.ADMIN);
        var submitter = key(KeyRole.SUBMIT);
        var body = "{\"problems\":[{\"question\":\"Think for ever, canary.\"}],\"method\":{\"id\":\"greedy\"}}";
        var job = json(client.post("/api/v1/jobs", body, submitter[0], submitter[1]))
                .get("id")
                .textValue();
        client.post("/api/v1/jobs/" + job + "/cancel", "", submitter[0], submitter[1], "X-Request-Id", "mine");
        client.post("/api/v1/jobs", "{", submitter[0], submitter[1]);
        var made = client.post("/api/v1/keys", "{\"role\":\"read\"}", admin[0], admin[1]);

        var entries = await().atMost(PATIENCE).until(() -> entries(admin), found -> found.size() >= 4);

        var cancelled = entries.stream()
                .filter(entry -> entry.get("request").textValue().equals("mine"))
                .findFirst()
                .orElseThrow();
        assertThat(cancelled.get("key").textValue()).isEqualTo(submitter[2]);
        assertThat(cancelled.get("tenant").textValue()).isEqualTo("red");
        assertThat(cancelled.get("role").textValue()).isEqualTo("submit");
        assertThat(cancelled.get("action").textValue()).isEqualTo("POST /api/v1/jobs/{job}/cancel");
        assertThat(cancelled.get("object").textValue()).isEqualTo("job=" + job);
        assertThat(cancelled.get("status").intValue()).isEqualTo(200);
        assertThat(entries)
                .extracting(entry -> entry.get("action").textValue() + " "
                        + entry.get("status").intValue())
                .contains("POST /api/v1/jobs 202", "POST /api/v1/jobs 400", "POST /api/v1/keys 201");
        assertThat(entries.toString())
                .doesNotContain("canary")
                .doesNotContain(json(made).get("key").textValue());
        assertThat(client.get("/api/v1/audit", submitter[0], submitter[1]).statusCode())
                .isEqualTo(403);
        assertThat(client.get("/api/v1/audit?before=now", admin[0], admin[1]).statusCode())
                .isEqualTo(400);
        assertThat(json(client.get("/api/v1/audit?before=2020-01-01T00:00:00Z", admin[0], admin[1]))
                        .get("entries"))
                .isEmpty();
    }
}
