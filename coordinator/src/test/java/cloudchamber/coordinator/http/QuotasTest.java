package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.Client.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.coordinator.access.KeyOrder;
import cloudchamber.coordinator.access.KeyRole;
import cloudchamber.coordinator.access.TenantLimit;
import cloudchamber.coordinator.access.TenantLimits;
import cloudchamber.coordinator.http.transport.HttpAccess;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.journal.KeyStore;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tenants that ask for more than they may, over a socket; and how every way to end gives the slot back. */
class QuotasTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CHAT = "/v1/chat/completions";
    private static final String ASKED = """
            {"model":"bundled","messages":[{"role":"user","content":"%s"}],"budget":4,"stream":%s}""";

    private static TestNode node;
    /** Its tenants may have one request at once, or two a minute, or one token a minute. */
    private static Client limited;
    /** Before the same jobs, without limits. */
    private static Client free;

    private static String[] one;
    private static String[] few;
    private static String[] poor;

    @BeforeAll
    static void start() throws Exception {
        node = new TestNode("quotas");
        var limits = new TenantLimits(
                TenantLimit.NONE,
                Map.of(
                        "one", new TenantLimit(0, 0, 1),
                        "few", new TenantLimit(2, 0, 0),
                        "poor", new TenantLimit(0, 1, 0)));
        limited = new Client(node.serve(settings(limits), node.dispatcher()));
        free = new Client(node.serve(settings(TenantLimits.NONE), node.dispatcher()));
        one = key("one");
        few = key("few");
        poor = key("poor");
        await().atMost(PATIENCE).until(() -> limited.get("/readyz").statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        limited.close();
        free.close();
        node.close();
    }

    private static HttpSettings settings(TenantLimits limits) {
        return node.settings(PATIENCE)
                .with(new HttpAccess(
                        Optional.empty(), false, Optional.empty(), Duration.ofHours(1), limits, Optional.empty()));
    }

    private static String[] key(String tenant) throws Exception {
        var issued = new KeyOrder("", KeyRole.SUBMIT, tenant, Optional.empty())
                .issue(new SecureRandom(), System.currentTimeMillis());
        KeyStore.get(node.kit().system())
                .add(issued.row())
                .toCompletableFuture()
                .get();
        return new String[] {"Authorization", "Bearer " + issued.key().text().value()};
    }

    /** The one slot is free, now or soon. */
    private static void theSlotIsFree() {
        await().atMost(PATIENCE).until(() -> limited.get("/api/v1/session", one).statusCode() == 200);
    }

    private static void assertQuota(HttpResponse<String> refused, String limit) {
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(429);
        assertThat(refused.body()).contains("\"quota\"");
        assertThat(refused.headers().firstValue("RateLimit-Limit")).contains(limit);
        assertThat(refused.headers().firstValue("RateLimit-Remaining")).contains("0");
        assertThat(Long.parseLong(refused.headers().firstValue("Retry-After").orElseThrow()))
                .isPositive();
        assertThat(refused.headers().firstValue("RateLimit-Reset"))
                .isEqualTo(refused.headers().firstValue("Retry-After"));
    }

    @Test
    void aStreamHoldsTheSlotUntilItsClientIsGone() throws Exception {
        theSlotIsFree();
        try (var events = limited.events("/api/v1/events", one)) {
            events.next();
            assertQuota(limited.get("/api/v1/jobs", one), "1");
            assertThat(limited.get("/api/v1/jobs", few).statusCode()).isIn(200, 429);
        }
        theSlotIsFree();
    }

    @Test
    void aChatThatIsAnsweredGivesTheSlotBack() throws Exception {
        theSlotIsFree();
        for (var stream : new boolean[] {true, false, true}) {
            var answer = limited.post(CHAT, ASKED.formatted("Evaluate 3 + 4.", stream), one);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            theSlotIsFree();
        }
    }

    @Test
    void aChatWhoseClientHangsUpGivesTheSlotBack() throws Exception {
        for (var stream : new boolean[] {true, false}) {
            theSlotIsFree();
            try (var client = HttpClient.newHttpClient()) {
                var asked = client.sendAsync(
                        limited.request(CHAT, one)
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(ASKED.formatted("Think for ever.", stream)))
                                .build(),
                        BodyHandlers.ofString());
                await().atMost(PATIENCE)
                        .until(() -> limited.get("/api/v1/session", one).statusCode() == 429);
                asked.cancel(true);
                client.shutdownNow();
            }
            theSlotIsFree();
        }
    }

    @Test
    void aChatThatIsCancelledGivesTheSlotBack() throws Exception {
        theSlotIsFree();
        try (var chat = limited.events(limited.request(CHAT, one)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(ASKED.formatted("Think for ever.", true))))) {
            var id = chat.next().json().get("id").textValue();
            assertQuota(limited.get("/api/v1/jobs", one), "1");
            assertThat(free.post("/api/v1/jobs/" + id + "/cancel", "", one).statusCode())
                    .isEqualTo(200);
            chat.rest();
            theSlotIsFree();
        }
    }

    @Test
    void whateverIsRefusedOrFailsGivesTheSlotBack() throws Exception {
        theSlotIsFree();
        for (int again = 0; again < 3; again++) {
            assertThat(limited.post("/api/v1/jobs", "{", one).statusCode()).isEqualTo(400);
            assertThat(limited.get("/api/v1/jobs/job-none", one).statusCode()).isEqualTo(404);
            assertThat(limited.post("/api/v1/workers/w/drain", "", one).statusCode())
                    .isEqualTo(403);
            assertThat(limited.post(CHAT, ASKED.formatted("This one is broken.", false), one)
                            .statusCode())
                    .isEqualTo(502);
            var head = limited.send(
                    limited.request("/api/v1/events", one).method("HEAD", BodyPublishers.noBody()),
                    BodyHandlers.discarding());
            assertThat(head.statusCode()).isEqualTo(200);
            theSlotIsFree();
        }
    }

    @Test
    void requestsAreCountedByTheMinute() throws Exception {
        HttpResponse<String> refused = null;
        for (int request = 0; request < 30 && (refused == null || refused.statusCode() != 429); request++) {
            refused = limited.get("/api/v1/jobs", few);
        }

        assertQuota(refused, "2");
        assertThat(free.get("/api/v1/jobs", few).statusCode()).isEqualTo(200);
    }

    @Test
    void tokensAreCountedWhenAProblemEnds() throws Exception {
        var job = "{\"problems\":[{\"question\":\"Evaluate 3 + 4.\"}],\"method\":{\"particles\":4}}";
        var accepted = free.post("/api/v1/jobs", job, poor);
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        var path = "/api/v1/jobs/" + json(accepted).get("id").textValue();
        await().atMost(PATIENCE)
                .until(() -> json(free.get(path, poor)).path("status").asText().equals("succeeded"));

        await().atMost(PATIENCE)
                .until(() -> limited.post("/api/v1/jobs", "{", poor).statusCode() == 429);

        assertQuota(limited.post("/api/v1/jobs", job, poor), "1");
        assertThat(limited.get(path, poor).statusCode()).isEqualTo(200);
    }
}
