package cloudchamber.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import cloudchamber.coordinator.http.transport.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The API over a socket, before real jobs and problems on one node whose dispatcher is scripted. */
class HttpServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String JOB = """
            {"problems":[{"id":"p1","question":"Evaluate 3 + 4."}],
             "method":{"id":"particle-filter","particles":8,"target":"final"},
             "policy":"bundled","prm":"bundled","seed":7}""";
    private static final String WAITING_JOB = """
            {"problems":[{"question":"Think for ever."},{"id":"a/b c","question":"Later."}]}""";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static TestNode node;
    private static ServerBinding server;
    /** The same, but its dispatcher never answers. */
    private static ServerBinding deafServer;

    @BeforeAll
    static void start() throws Exception {
        node = new TestNode("http");
        server = node.serve(node.settings(Duration.ofSeconds(60)), node.dispatcher());
        deafServer = node.serve(node.settings(Duration.ofSeconds(2)), node.kit().spawn(Behaviors.ignore()));
        await().atMost(Duration.ofSeconds(60)).until(() -> get("/readyz").statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        CLIENT.close();
        node.close();
    }

    // ---- jobs

    @Test
    void aJobIsAcceptedRunAndAnswered() throws Exception {
        var accepted = post("/api/v1/jobs", JOB);

        assertThat(accepted.statusCode()).isEqualTo(202);
        assertThat(accepted.headers().firstValue("Content-Type")).contains("application/json");
        var job = json(accepted);
        var id = job.get("id").textValue();
        assertThat(id).startsWith("job-");
        assertThat(accepted.headers().firstValue("Location")).contains("/api/v1/jobs/" + id);
        assertThat(job.get("status").textValue()).isEqualTo("queued");
        assertThat(job.get("endedAt").isNull()).isTrue();
        assertThat(job.at("/method/id").textValue()).isEqualTo("particle-filter");
        assertThat(job.at("/method/particles").intValue()).isEqualTo(8);
        assertThat(job.at("/method/target").textValue()).isEqualTo("final");
        assertThat(job.get("seed").longValue()).isEqualTo(7);

        var over = awaitStatus(id, "succeeded");
        assertThat(over.at("/counts/succeeded").intValue()).isOne();
        assertThat(over.get("waitingFor")).isEmpty();
        assertThat(Instant.parse(over.get("endedAt").textValue()))
                .isAfterOrEqualTo(Instant.parse(over.get("acceptedAt").textValue()));
        assertThat(over.has("problems")).isFalse();

        var problems = json(get("/api/v1/jobs/" + id + "/problems"));
        assertThat(problems.get("hasMore").booleanValue()).isFalse();
        assertThat(problems.get("lastId").textValue()).isEqualTo("p1");
        assertThat(problems.get("problems")).hasSize(1);
        var line = problems.at("/problems/0");
        assertThat(line.get("id").textValue()).isEqualTo("p1");
        assertThat(line.get("question").textValue()).isEqualTo("Evaluate 3 + 4.");
        assertThat(line.get("status").textValue()).isEqualTo("succeeded");
        assertThat(line.get("answer").textValue()).isEqualTo("7");
        assertThat(line.at("/cost/policyCalls").longValue()).isEqualTo(16);
        assertThat(line.at("/cost/policySlotMillis").longValue()).isEqualTo(16 * 3);
        assertThat(line.at("/cost/prmSlotMillis").longValue()).isEqualTo(16 * 2);
        assertThat(over.has("cost")).isTrue();
        var problem = json(get("/api/v1/jobs/" + id + "/problems/p1"));
        assertThat(problem.get("answer").textValue()).isEqualTo("7");
        assertThat(problem.get("status").textValue()).isEqualTo("succeeded");
        assertThat(problem.get("failure").isNull()).isTrue();
        assertThat(sum(problem.get("posterior"))).isCloseTo(1, within(1e-9));
        assertThat(problem.get("logEvidence").isNumber()).isTrue();
        assertThat(problem.get("rounds")).hasSize(2);
        assertThat(problem.at("/rounds/0/ancestors")).hasSize(8);
        assertThat(problem.get("particles")).hasSize(8);
        assertThat(problem.at("/particles/0/steps/0/end").textValue()).isEqualTo("STEP");
        assertThat(problem.at("/particles/0/steps/1/end").textValue()).isEqualTo("END");
        assertThat(problem.at("/cost/policyCalls").longValue()).isEqualTo(16);
        assertThat(problem.at("/cost/policySlotMillis").longValue()).isEqualTo(16 * 3);
    }

    @Test
    void aJobNamesTheModelsItWaitsFor() throws Exception {
        var job = json(post("/api/v1/jobs", """
                {"problems":[{"question":"Think for ever."}],"policy":"smollm2-135m","prm":"awaited"}"""));

        assertThat(texts(job.get("waitingFor"))).containsExactly("policy smollm2-135m", "prm awaited");
    }

    @Test
    void aProblemWaitsItsTurnAndIsCancelledWithItsJob() throws Exception {
        var id = submit(WAITING_JOB);
        assertThat(awaitStatus(id, "running").at("/counts/queued").intValue()).isOne();
        var queued = json(get("/api/v1/jobs/" + id + "/problems/a%2Fb%20c"));
        assertThat(queued.get("id").textValue()).isEqualTo("a/b c");
        assertThat(queued.get("status").textValue()).isEqualTo("queued");
        assertThat(queued.get("question").textValue()).isEqualTo("Later.");
        assertThat(queued.get("posterior")).isEmpty();

        var cancelled = post("/api/v1/jobs/" + id + "/cancel", "");

        assertThat(cancelled.statusCode()).isEqualTo(200);
        assertThat(json(cancelled).get("status").textValue()).isEqualTo("cancelled");
        assertThat(json(cancelled).at("/counts/cancelled").intValue()).isEqualTo(2);
        var again = post("/api/v1/jobs/" + id + "/cancel", "");
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(cancelled.body());
        for (var problem : List.of("p1", "a%2Fb%20c")) {
            await().atMost(PATIENCE)
                    .until(
                            () -> json(get("/api/v1/jobs/" + id + "/problems/" + problem))
                                    .get("status")
                                    .textValue(),
                            "cancelled"::equals);
        }
    }

    @Test
    void aProblemThatFailsSaysWhy() throws Exception {
        var id = submit("""
                {"problems":[{"question":"This one is broken."},{"question":"Evaluate 3 + 4."}]}""");

        var job = awaitStatus(id, "failed");

        assertThat(job.at("/counts/failed").intValue()).isOne();
        assertThat(job.at("/counts/succeeded").intValue()).isOne();
        assertThat(json(get("/api/v1/jobs/" + id + "/problems/p1"))
                        .get("failure")
                        .textValue())
                .contains("the backend wants another question");
    }

    // ---- the cluster and the probes

    @Test
    void showsTheClusterAndItsWorkers() throws Exception {
        var cluster = json(get("/api/v1/cluster"));

        assertThat(cluster.get("members")).hasSize(1);
        var member = cluster.at("/members/0");
        assertThat(member.get("address").textValue()).startsWith("pekko://http@127.0.0.1:");
        assertThat(texts(member.get("roles"))).containsExactly("coordinator");
        assertThat(member.get("status").textValue()).isEqualTo("up");
        assertThat(member.get("reachable").booleanValue()).isTrue();
        assertThat(member.get("uid").isTextual()).isTrue();
        assertThat(cluster.get("workers"))
                .extracting(worker -> worker.get("workerId").textValue())
                .containsExactly("policy-2", "policy-1", "prm-1");
        assertThat(cluster.at("/workers/0")).isEqualTo(JSON.readTree("""
                {"workerId":"policy-2","role":"policy","model":"awaited","sha256":"%s","template":"plain",
                 "numericsClass":"scripted/any/5e5e5e5e5e5e/none","contextTokens":4096,"slots":8,"free":7,"leases":1,
                 "running":1,"completed":20,"refused":2,"tokens":{"prompt":300,"cached":40,"completion":500},
                 "silent":true,"draining":false,"lastError":"the context is full",
                 "lastErrorAt":"2023-11-14T22:13:20Z",
                 "node":"pekko://test@127.0.0.1:1","processId":4711}""".formatted("5e".repeat(32))));
        assertThat(cluster.at("/workers/1/lastError").isNull()).isTrue();
        assertThat(cluster.get("waiting")).isEqualTo(JSON.readTree("""
                [{"role":"policy","model":"awaited","works":3}]"""));
    }

    @Test
    void isLiveAndReadyAndNamesTheWorkersItMisses() throws Exception {
        assertThat(get("/livez").body()).isEqualTo("{\"status\":\"live\"}");

        // The first question starts the journal, which may take longer than one request may.
        var ready = await().atMost(PATIENCE).until(() -> get("/readyz"), response -> response.statusCode() == 200);

        assertThat(ready.body()).isEqualTo("{\"status\":\"ready\",\"missingWorkers\":[\"policy awaited\"]}");
    }

    @Test
    void aRequestKeepsTheIdItsClientGaveIt() throws Exception {
        var response = CLIENT.send(
                HttpRequest.newBuilder(uri("/nowhere"))
                        .header("X-Request-Id", "mine-1")
                        .build(),
                BodyHandlers.ofString());

        assertThat(response.headers().firstValue("X-Request-Id")).contains("mine-1");
        assertThat(json(response).get("requestId").textValue()).isEqualTo("mine-1");
    }

    @Test
    void saysWhenToTryAgainWhereNoAnswerCame() throws Exception {
        var late = get(deafServer, "/api/v1/cluster");
        assertProblem(late, 503, "timed-out");
        assertThat(late.headers().firstValue("Retry-After")).contains("1");
        assertThat(json(late).get("retryable").booleanValue()).isTrue();

        var notReady = get(deafServer, "/readyz");
        assertProblem(notReady, 503, "not-ready");
        assertThat(notReady.headers().firstValue("Retry-After")).contains("1");
    }

    /** What is over is read from the journal, and says what its entity would say. */
    @Test
    void aFinishedProblemIsToldAsItsEntityTellsIt() throws Exception {
        var id = json(post("/api/v1/jobs", JOB)).get("id").textValue();
        awaitStatus(id, "succeeded");

        var told = json(get("/api/v1/jobs/" + id + "/problems/p1"));

        assertThat(told).isEqualTo(JSON.readTree(Json.write(node.problem(id, "p1"))));
    }

    @Test
    void aJobIsShownWhileTheDispatcherDoesNotAnswer() throws Exception {
        var id = submit(WAITING_JOB);

        var job = json(get(deafServer, "/api/v1/jobs/" + id));

        assertThat(job.get("id").textValue()).isEqualTo(id);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                json(get(deafServer, "/api/v1/jobs/" + id)).get("waitingFor"))
                        .as("the job itself knows")
                        .isEqualTo(Json.tree(List.of())));
    }

    // ---- helpers

    private static void assertProblem(HttpResponse<String> response, int status, String code) throws Exception {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        var problem = json(response);
        assertThat(problem.get("status").intValue()).isEqualTo(status);
        assertThat(problem.get("type").textValue()).isEqualTo("urn:cloudchamber:error:" + code);
        assertThat(problem.get("title").textValue()).isNotBlank();
        assertThat(problem.get("detail").textValue()).isNotBlank();
        assertThat(problem.get("requestId").textValue())
                .isEqualTo(response.headers().firstValue("X-Request-Id").orElseThrow());
    }

    private static String submit(String job) throws Exception {
        var accepted = post("/api/v1/jobs", job);
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        return json(accepted).get("id").textValue();
    }

    private static JsonNode awaitStatus(String job, String status) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> json(get("/api/v1/jobs/" + job)),
                        view -> view.get("status").textValue().equals(status));
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return get(server, path);
    }

    private static HttpResponse<String> get(ServerBinding server, String path) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(uri(server, path)).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(uri(path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static URI uri(String path) {
        return uri(server, path);
    }

    private static URI uri(ServerBinding server, String path) {
        return URI.create("http://127.0.0.1:" + server.localAddress().getPort() + path);
    }

    private static JsonNode json(HttpResponse<String> response) throws Exception {
        return JSON.readTree(response.body());
    }

    private static double sum(JsonNode posterior) {
        return StreamSupport.stream(posterior.spliterator(), false)
                .mapToDouble(entry -> entry.get("weight").doubleValue())
                .sum();
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::textValue)
                .toList();
    }
}
