package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.Client.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who cannot be served is told so and when to come again; what was accepted is unaffected. */
class OverloadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MAX_JOBS = 4;
    private static final int CLIENTS = 8;
    private static final String QUICK = """
            {"problems":[{"question":"Evaluate 3 + 4."}],"method":{"particles":4}}""";
    private static final String HELD = """
            {"problems":[{"question":"Answer when told."}],"method":{"id":"greedy"}}""";
    private static final String CHAT = """
            {"model":"bundled","messages":[{"role":"user","content":"Evaluate 3 + 4."}],"its":{"algorithm":"greedy"}}""";

    private TestNode node;
    private ServerBinding server;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        node = new TestNode(
                "overload",
                Map.of(
                        "cloudchamber.job.max-queued-jobs",
                        MAX_JOBS,
                        "cloudchamber.http.max-bodies",
                        TestNode.MAX_CONTENT_LENGTH_BYTES));
        server = node.serve(node.settings(PATIENCE), node.dispatcher());
        client = new Client(server);
        await().atMost(PATIENCE).until(() -> client.get("/readyz").statusCode() == 200);
    }

    @AfterEach
    void stop() {
        client.close();
        node.close();
    }

    @Test
    void aFullQueueRefusesUntilThereIsRoomAndWhatItHasIsDone() throws Exception {
        var accepted = new ArrayList<String>();
        for (int job = 0; job < MAX_JOBS; job++) {
            accepted.add(client.submit(HELD));
        }

        for (var refused : atOnce(CLIENTS, () -> client.post("/api/v1/jobs", QUICK))) {
            assertRefused(refused, 429, "queue-full");
        }
        var chat = client.post("/v1/chat/completions", CHAT);
        assertThat(chat.statusCode()).isEqualTo(429);
        assertThat(chat.headers().firstValue("Retry-After")).isPresent();

        for (var job : accepted) {
            releaseUntilItHasSucceeded(job);
        }
        assertThat(client.post("/api/v1/jobs", QUICK).statusCode()).isEqualTo(202);
    }

    /** Promise 5: many more than there is room for, all at once. */
    @Test
    void underLoadEveryRequestIsAcceptedAndDoneOrRefusedAndNot() throws Exception {
        var answers = atOnce(CLIENTS, () -> {
            var mine = new ArrayList<HttpResponse<String>>();
            for (int request = 0; request < 25; request++) {
                mine.add(client.post("/api/v1/jobs", QUICK));
            }
            return mine;
        });

        var accepted = new ArrayList<String>();
        for (var answer : answers.stream().flatMap(List::stream).toList()) {
            if (answer.statusCode() == 202) {
                accepted.add(json(answer).get("id").textValue());
            } else {
                assertRefused(answer, 429, "queue-full");
            }
        }
        assertThat(accepted).isNotEmpty().doesNotHaveDuplicates();
        for (var job : accepted) {
            client.awaitStatus(job, "succeeded");
            assertThat(json(client.get("/api/v1/jobs/" + job + "/problems"))
                            .at("/problems/0/answer")
                            .textValue())
                    .isEqualTo("7");
        }
        assertThat(json(client.get("/api/v1/jobs?limit=1000")).get("jobs").valueStream())
                .extracting(job -> job.get("id").textValue())
                .containsExactlyInAnyOrderElementsOf(accepted);
    }

    @Test
    void bodiesShareTheirRoom() throws Exception {
        try (var slow = new Socket("127.0.0.1", server.localAddress().getPort())) {
            var head = "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + TestNode.MAX_CONTENT_LENGTH_BYTES + "\r\n\r\n{";
            slow.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            slow.getOutputStream().flush();

            var refused = await().atMost(PATIENCE)
                    .until(() -> client.post("/api/v1/jobs", "{"), answer -> answer.statusCode() == 503);
            assertRefused(refused, 503, "overloaded");
            assertThat(client.get("/api/v1/jobs").statusCode()).isEqualTo(200);
        }
        await().atMost(PATIENCE).until(() -> client.post("/api/v1/jobs", QUICK).statusCode() == 202);
    }

    @Test
    void aDatabaseThatFailsIsSaidToAndWhatWasAcceptedGoesOnWhenItIsBack() throws Exception {
        var job = client.submit(HELD);
        client.awaitStatus(job, "running");

        node.sql("alter table job rename to gone");
        assertRefused(client.post("/api/v1/jobs", QUICK), 503, "storage-unavailable");
        assertRefused(client.get("/api/v1/jobs"), 503, "storage-unavailable");
        assertRefused(client.get("/api/v1/jobs/" + job), 503, "storage-unavailable");
        await().atMost(PATIENCE).until(() -> ScriptedDispatcher.release(1));
        node.sql("alter table gone rename to job");

        releaseUntilItHasSucceeded(job);
        client.awaitStatus(client.submit(QUICK), "succeeded");
    }

    @Test
    void aNodeThatIsAboutToStopTakesNothingNewAndSaysSo() throws Exception {
        var job = client.submit(QUICK);
        client.awaitStatus(job, "succeeded");
        var mayGoOn = new CompletableFuture<Done>();
        var shutdown = CoordinatedShutdown.get(node.kit().system());
        shutdown.addTask(CoordinatedShutdown.PhaseServiceUnbind(), "wait", () -> mayGoOn);
        shutdown.runAll(CoordinatedShutdown.unknownReason());
        try {
            assertRefused(client.post("/api/v1/jobs", QUICK), 503, "draining");
            assertRefused(client.get("/readyz"), 503, "draining");
            assertThat(client.post("/v1/chat/completions", CHAT).statusCode()).isEqualTo(503);
            assertThat(client.get("/livez").statusCode()).isEqualTo(200);
            assertThat(status(job)).isEqualTo("succeeded");
        } finally {
            mayGoOn.complete(Done.getInstance());
        }
    }

    // ---- idempotency

    @Test
    void ofManyRequestsWithOneKeyOneIsTheJobAndTheOthersAreToldOfIt() throws Exception {
        var answers = atOnce(50, () -> client.post("/api/v1/jobs", QUICK, "Idempotency-Key", "night-1"));

        assertThat(answers).allMatch(answer -> answer.statusCode() == 202);
        assertThat(answers.stream()
                        .map(answer -> json(answer).get("id").textValue())
                        .distinct())
                .hasSize(1);
        assertThat(answers.stream()
                        .filter(answer -> answer.headers()
                                .firstValue("Idempotency-Replayed")
                                .isEmpty()))
                .hasSize(1);
        var other = client.post("/api/v1/jobs", HELD, "Idempotency-Key", "night-1");
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(json(other).get("code").textValue()).isEqualTo("idempotency-mismatch");
    }

    /** Who asks again is told what became of it, also when nobody else is let in. */
    @Test
    void aRepeatIsAnsweredThoughTheQueueIsFull() throws Exception {
        var first = json(client.post("/api/v1/jobs", HELD, "Idempotency-Key", "a"));
        for (int job = 1; job < MAX_JOBS; job++) {
            client.submit(HELD);
        }
        assertRefused(client.post("/api/v1/jobs", QUICK), 429, "queue-full");

        var again = client.post("/api/v1/jobs", HELD, "Idempotency-Key", "a");

        assertThat(again.statusCode()).isEqualTo(202);
        assertThat(json(again).get("id")).isEqualTo(first.get("id"));
    }

    // ---- what is too early or too late

    @Test
    void whatIsNotOverHasNoResultsAndSaysHowFarItIs() throws Exception {
        var job = client.submit("""
                {"problems":[{"question":"Evaluate 3 + 4."},{"question":"Think for ever."}],"method":{"particles":4}}""");
        var path = "/api/v1/jobs/" + job;
        await().atMost(PATIENCE)
                .until(() -> json(client.get(path)).at("/counts/succeeded").intValue() == 1);

        var early = client.get(path + "/results");
        assertThat(early.statusCode()).isEqualTo(409);
        assertThat(json(early).get("code").textValue()).isEqualTo("not-finished");
        assertThat(json(early).get("jobStatus").textValue()).isEqualTo("running");
        assertThat(json(early).get("progress").doubleValue()).isEqualTo(.5);
        assertThat(early.headers().firstValue("Retry-After")).isPresent();

        assertThat(client.post(path + "/cancel", "").statusCode()).isEqualTo(200);
        assertThat(json(client.post(path + "/cancel", "")).get("status").textValue())
                .isEqualTo("cancelled");
        var results = client.get(path + "/results").body().lines().toList();
        assertThat(results).hasSize(2);
        assertThat(results.getFirst()).contains("\"succeeded\"");
        assertThat(results.getLast()).contains("\"cancelled\"");
    }

    // ---- helpers

    private String status(String job) throws Exception {
        return json(client.get("/api/v1/jobs/" + job)).get("status").textValue();
    }

    private void releaseUntilItHasSucceeded(String job) {
        await().atMost(PATIENCE).until(() -> {
            ScriptedDispatcher.release(1);
            return status(job).equals("succeeded");
        });
    }

    private static void assertRefused(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(json(answer).get("code").textValue()).isEqualTo(code);
        assertThat(json(answer).get("retryable").booleanValue()).isTrue();
        assertThat(Integer.parseInt(answer.headers().firstValue("Retry-After").orElseThrow()))
                .isPositive();
    }

    private static <T> List<T> atOnce(int count, Callable<T> work) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var done = new ArrayList<T>();
            for (var each :
                    threads.invokeAll(Stream.generate(() -> work).limit(count).toList())) {
                done.add(each.get());
            }
            return done;
        }
    }
}
