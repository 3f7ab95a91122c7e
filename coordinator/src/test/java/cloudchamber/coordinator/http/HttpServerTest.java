package cloudchamber.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import cloudchamber.protocol.model.CounterRandom;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The API over a socket, before real jobs and problems on one node whose dispatcher is scripted. */
class HttpServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long FUZZ_KEY = 7;
    private static final int FUZZ_RUNS = Boolean.getBoolean("long.tests") ? 20_000 : 2_000;
    private static final String JOB = """
            {"problems":[{"id":"p1","question":"Evaluate 3 + 4."}],
             "method":{"id":"particle-filter","particles":8,"target":"final"},
             "policy":"bundled","prm":"bundled","seed":7}""";
    private static final String CHAT = """
            {"model":"bundled","messages":[{"role":"user","content":"Evaluate 3 + 4."}],"its":{"algorithm":"greedy"}}""";
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
        server = node.serve(node.settings(Duration.ofSeconds(5)), node.dispatcher());
        deafServer = node.serve(node.settings(Duration.ofSeconds(2)), node.kit().spawn(Behaviors.ignore()));
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
    void aJobThatIsOverCannotBeCancelled() throws Exception {
        var id = submit(JOB);
        awaitStatus(id, "succeeded");

        var refused = post("/api/v1/jobs/" + id + "/cancel", "");

        assertProblem(refused, 409, "already-terminal");
        assertThat(json(refused).get("jobStatus").textValue()).isEqualTo("succeeded");
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

    // ---- what a client may get wrong

    static Stream<Arguments> badRequests() {
        var tooDeep = "[".repeat(10_000);
        return Stream.of(
                arguments("GET", "/nothing", null, null, 404, "unknown-path"),
                arguments("GET", "/api/v1/nothing", null, null, 404, "unknown-path"),
                arguments("GET", "/api/v1/jobs/", null, null, 404, "unknown-path"),
                arguments("GET", "//api/v1/cluster", null, null, 404, "unknown-path"),
                arguments("GET", "/api/v1//cluster", null, null, 404, "unknown-path"),
                arguments("GET", "/api/v1/jobs/job-0", null, null, 404, "unknown-job"),
                arguments("GET", "/api/v1/jobs/job-0/problems", null, null, 404, "unknown-job"),
                arguments("GET", "/api/v1/jobs/job-0/problems/p1", null, null, 404, "unknown-job"),
                arguments("POST", "/api/v1/jobs/job-0/cancel", null, null, 404, "unknown-job"),
                arguments("GET", "/api/v1/jobs/..%2F..%2Fetc", null, null, 400, "invalid-id"),
                arguments("GET", "/api/v1/jobs/%00", null, null, 400, "invalid-id"),
                arguments("GET", "/api/v1/jobs/" + "j".repeat(10_000), null, null, 400, "invalid-id"),
                arguments("GET", "/api/v1/jobs/job-0/problems/%00", null, null, 400, "invalid-id"),
                arguments("PUT", "/api/v1/jobs", JOB, "application/json", 405, "method-not-allowed"),
                arguments("GET", "/api/v1/jobs?limit=0", null, null, 400, "out-of-range"),
                arguments("GET", "/api/v1/jobs?status=new", null, null, 400, "unknown-value"),
                arguments("DELETE", "/api/v1/jobs/job-0", null, null, 404, "unknown-job"),
                arguments("POST", "/api/v1/jobs/job-0/retry", null, null, 404, "unknown-job"),
                arguments("DELETE", "/api/v1/cluster", null, null, 405, "method-not-allowed"),
                arguments("OPTIONS", "/api/v1/jobs", null, null, 405, "method-not-allowed"),
                arguments("TRACE", "/api/v1/cluster", null, null, 405, "method-not-allowed"),
                arguments("POST", "/api/v1/jobs", JOB, null, 415, "unsupported-media-type"),
                arguments("POST", "/api/v1/jobs", JOB, "text/plain", 415, "unsupported-media-type"),
                arguments(
                        "POST", "/api/v1/jobs", JOB, "application/json; charset=utf-16", 415, "unsupported-media-type"),
                arguments("POST", "/api/v1/jobs", "", "application/json", 400, "malformed-json"),
                arguments("POST", "/api/v1/jobs", "{\"a\":1}}", "application/json", 400, "malformed-json"),
                arguments("POST", "/api/v1/jobs", tooDeep, "application/json", 400, "json-too-complex"),
                arguments("POST", "/api/v1/jobs", "{\"a\":1,\"a\":2}", "application/json", 400, "duplicate-key"),
                arguments("POST", "/api/v1/jobs", "{}", "application/json", 400, "missing-field"),
                arguments(
                        "POST",
                        "/api/v1/jobs",
                        " ".repeat(TestNode.MAX_CONTENT_LENGTH_BYTES + 1),
                        "application/json",
                        413,
                        "body-too-large"));
    }

    @ParameterizedTest(name = "{0} {1} {5}")
    @MethodSource("badRequests")
    void answersWithAProblem(String method, String path, String body, String type, int status, String code)
            throws Exception {
        var request = HttpRequest.newBuilder(uri(path))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (type != null) {
            request.header("Content-Type", type);
        }

        var response = CLIENT.send(request.build(), BodyHandlers.ofString());

        assertProblem(response, status, code);
        assertThat(json(response).get("instance").textValue())
                .isEqualTo(URI.create("http://h" + path).getRawPath());
    }

    @Test
    void pointsAtTheFault() throws Exception {
        var response = post("/api/v1/jobs", "{\"problems\":[{\"question\":\"a\"}],\"method\":{\"partciles\":8}}");

        assertProblem(response, 400, "unknown-field");
        var error = json(response).at("/errors/0");
        assertThat(error.get("pointer").textValue()).isEqualTo("/method/partciles");
        assertThat(error.get("code").textValue()).isEqualTo("unknown-field");
        assertThat(error.get("detail").textValue()).contains("did you mean `particles`?");
    }

    @Test
    void saysWhatWouldHaveBeenAllowed() throws Exception {
        var wrongMethod = CLIENT.send(
                HttpRequest.newBuilder(uri("/api/v1/cluster")).DELETE().build(), BodyHandlers.ofString());
        assertThat(wrongMethod.headers().firstValue("Allow")).contains("GET, HEAD");

        var wrongType = CLIENT.send(
                HttpRequest.newBuilder(uri("/api/v1/jobs"))
                        .header("Content-Type", "text/plain")
                        .POST(BodyPublishers.ofString("a"))
                        .build(),
                BodyHandlers.ofString());
        assertThat(wrongType.headers().firstValue("Accept-Post")).contains("application/json");
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
    void headIsGetWithoutTheBody() throws Exception {
        var response = CLIENT.send(
                HttpRequest.newBuilder(uri("/livez"))
                        .method("HEAD", BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
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

    @Test
    void aJobIsShownWhileTheDispatcherDoesNotAnswer() throws Exception {
        var id = submit(WAITING_JOB);

        var job = json(get(deafServer, "/api/v1/jobs/" + id));

        assertThat(job.get("id").textValue()).isEqualTo(id);
        assertThat(job.get("waitingFor").isNull()).isTrue();
    }

    static Stream<Arguments> rawRequests() {
        var headers = String.join(
                "", IntStream.range(0, 1000).mapToObj(n -> "X-" + n + ": 1\r\n").toList());
        return Stream.of(
                arguments("\u0001\u0002\u0003 something else than HTTP\r\n\r\n", 501),
                arguments("GET /livez HTTP/9.9\r\nHost: localhost\r\n\r\n", 505),
                arguments("BREW /livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
                arguments("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
                arguments("GET http://evil.example/livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
                arguments("CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
                arguments("GET /%ff HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
                arguments("GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
                arguments("GET /livez HTTP/1.1\r\n\r\n", 400),
                arguments("GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
                arguments("GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(100_000) + "\r\n\r\n", 431),
                arguments("GET /livez HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n", 400),
                arguments("GET /livez HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 400),
                arguments("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
                arguments(
                        "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n{}   ",
                        400),
                arguments(
                        "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                        400),
                arguments(
                        "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
                        400),
                arguments(
                        "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n"
                                + "1000\r\n%s\r\n".formatted(" ".repeat(0x1000)).repeat(20),
                        413),
                arguments(
                        "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                + "Expect: 100-continue\r\nContent-Length: 1000000000000\r\n\r\n",
                        413));
    }

    @ParameterizedTest(name = "[{index}] {1}")
    @MethodSource("rawRequests")
    void answersWhatIsHardlyHttpWithAProblem(String request, int status) throws Exception {
        var response = exchange(request);

        assertThat(response).startsWith("HTTP/1.1 " + status + " ");
        assertThat(response).contains("Content-Type: application/problem+json").contains("\"status\":" + status);
    }

    /** Whatever the bytes, an answer comes or the connection is closed, and no answer is a bug's. */
    @Test
    void noBytesMeetABug() throws Exception {
        var random = new CounterRandom(FUZZ_KEY);
        var seeds = List.of(
                "GET /api/v1/jobs/job-0/problems/p1?x=1 HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n",
                "POST /api/v1/jobs/job-0/cancel HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 0\r\n\r\n",
                "GET /readyz HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: mine\r\n\r\n",
                "GET /api/v1/jobs/job-0/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 1-2\r\n\r\n",
                "GET /v1/models/bundled HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /api/v1/data-sets/d HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"a\"\r\n\r\n",
                "POST /api/v1/workers/w1/drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-ITS-Budget: 2\r\n"
                        + "Content-Type: application/json\r\nContent-Length: " + CHAT.length() + "\r\n\r\n" + CHAT,
                "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                        + JOB.length() + "\r\n\r\n" + JOB);
        for (int run = 0; run < FUZZ_RUNS; run++) {
            var request = mutated(seeds.get(random.nextInt(seeds.size())), random);

            var response = exchange(server, request, true);

            assertThat(response).as("run %d: %s", run, request).doesNotStartWith("HTTP/1.1 500");
        }
    }

    private static String mutated(String request, RandomGenerator random) {
        var bytes = new StringBuilder(request);
        int changes = random.nextInt(1, 8);
        for (int change = 0; change < changes; change++) {
            int at = random.nextInt(bytes.length());
            int end = Math.min(bytes.length(), at + random.nextInt(1, 16));
            switch (random.nextInt(4)) {
                case 0 -> bytes.setCharAt(at, (char) random.nextInt(256));
                case 1 -> bytes.insert(at, (char) random.nextInt(256));
                case 2 -> bytes.insert(at, bytes.substring(at, end));
                default -> bytes.delete(at, end - (end == bytes.length() && at == 0 ? 1 : 0));
            }
        }
        return bytes.toString();
    }

    @Test
    void aBodyThatDoesNotComeIsWaitedForInVain() throws Exception {
        var response = exchange(
                deafServer,
                "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 10\r\n\r\n{}",
                false);

        assertThat(response).startsWith("HTTP/1.1 408 ").contains("body-too-slow");
    }

    // ---- helpers

    private static String exchange(String request) throws IOException {
        return exchange(server, request, false);
    }

    /** @param last whether to say that nothing follows */
    private static String exchange(ServerBinding server, String request, boolean last) throws IOException {
        try (var socket = new Socket(
                server.localAddress().getAddress(), server.localAddress().getPort())) {
            socket.setSoTimeout((int) Duration.ofSeconds(60).toMillis());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            if (last) {
                socket.shutdownOutput();
            }
            return response(socket.getInputStream());
        }
    }

    /** One response, or what came of it until the connection was closed. */
    private static String response(InputStream input) throws IOException {
        var response = new StringBuilder();
        while (!complete(response)) {
            int next = input.read();
            if (next < 0) {
                break;
            }
            response.append((char) next);
        }
        return response.toString();
    }

    private static boolean complete(StringBuilder response) {
        int end = response.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        if (response.indexOf("Content-Length: ") < 0) {
            return true;
        }
        int at = response.indexOf("Content-Length: ") + "Content-Length: ".length();
        int length = Integer.parseInt(response.substring(at, response.indexOf("\r\n", at)));
        return response.length() >= end + 4 + length;
    }

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
