package cloudchamber.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.protocol.model.CounterRandom;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Twenty kinds of bad input, and what each is answered: every answer names what was expected and what was seen, and
 * nothing is stored. Rows 1 to 12, 14, 16, 17 and 19 are requests of a table; 15 and 20 need a history. Keys, tenants and
 * quotas (13, the others' ids of 14, 18) have their own tests beside their code.
 */
@Timeout(300)
class BadInputsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long FUZZ_KEY = 7;
    private static final int FUZZ_RUNS = Boolean.getBoolean("long.tests") ? 20_000 : 2_000;
    private static final String QUESTION = "{\"problems\":[{\"question\":\"Evaluate 3 + 4.\"}]%s}";
    private static final String JOB = QUESTION.formatted(",\"method\":{\"particles\":8},\"seed\":7");
    private static final String CHAT = """
            {"model":"bundled","messages":[{"role":"user","content":"Evaluate 3 + 4."}],"its":{"algorithm":"greedy"}}""";
    private static final String CHAT_WITH =
            "{\"model\":\"bundled\",\"messages\":[{\"role\":\"user\",\"content\":\"Evaluate 3 + 4.\"}]%s}";

    private static TestNode node;
    private static ServerBinding server;
    private static ServerBinding strictServer;
    private static ServerBinding deafServer;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        node = new TestNode("bad-inputs");
        var settings = node.settings(Duration.ofSeconds(120));
        server = node.serve(settings, node.dispatcher());
        strictServer = node.serve(
                new HttpSettings(
                        settings.host(),
                        0,
                        settings.requestTimeout(),
                        settings.chatTimeout(),
                        settings.maxContentLengthBytes(),
                        settings.maxQuestionCharacters(),
                        settings.maxParticles(),
                        List.of("known"),
                        settings.access()),
                node.dispatcher());
        deafServer = node.serve(node.settings(Duration.ofSeconds(2)), node.kit().spawn(Behaviors.ignore()));
        client = new Client(server);
        await().atMost(PATIENCE).until(() -> client.get("/readyz").statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        client.close();
        node.close();
    }

    /**
     * One bad input.
     *
     * @param row of the twenty
     * @param request its bytes, one for each character
     * @param code what the answer calls it; empty if the answer has a status alone
     * @param also what else must hold of the answer
     */
    private record Row(int row, String name, String request, int status, String code, Consumer<Response> also) {
        @Override
        public String toString() {
            return row + ": " + name;
        }

        Row and(Consumer<Response> more) {
            return new Row(row, name, request, status, code, also.andThen(more));
        }

        /** The fault is at these places, in this order. */
        Row at(String... pointers) {
            return and(response -> assertThat(response.json().get("errors"))
                    .extracting(fault -> fault.get("pointer").textValue())
                    .containsExactly(pointers));
        }

        Row saying(String... parts) {
            return and(response -> assertThat(response.body()).contains(parts));
        }

        Row with(String header) {
            return and(response -> assertThat(response.head()).contains(header));
        }
    }

    /** An answer as it came. */
    private record Response(String head, String body) {
        int status() {
            return Integer.parseInt(head.split(" ", 3)[1]);
        }

        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException broken) {
                throw new AssertionError("JSON was expected: was " + body, broken);
            }
        }
    }

    private static Row raw(int row, String name, int status, String request) {
        return new Row(row, name, request, status, "", response -> {});
    }

    private static Row request(int row, String name, String method, String path, int status, String code) {
        return new Row(
                row, name, method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n", status, code, response -> {});
    }

    private static Row body(int row, String name, String headers, String body, int status, String code) {
        return post(row, name, "/api/v1/jobs", headers, body, StandardCharsets.UTF_8, status, code);
    }

    private static Row job(int row, String name, String body, String code) {
        return body(row, name, "Content-Type: application/json\r\n", body, 400, code);
    }

    /** A job that has a question and beside it these fields. */
    private static Row field(int row, String name, String fields, String code) {
        return job(row, name, QUESTION.formatted("," + fields), code);
    }

    private static Row method(int row, String settings, String code) {
        return field(row, settings, "\"method\":{" + settings + "}", code);
    }

    private static Row chat(int row, String name, String fields, int status, String code) {
        return post(
                row,
                "chat: " + name,
                "/v1/chat/completions",
                "Content-Type: application/json\r\n",
                CHAT_WITH.formatted("," + fields),
                StandardCharsets.UTF_8,
                status,
                code);
    }

    private static Row post(
            int row, String name, String path, String headers, String body, Charset encoding, int status, String code) {
        var bytes = body.getBytes(encoding);
        return new Row(
                row,
                name,
                "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "Content-Length: " + bytes.length
                        + "\r\n\r\n" + new String(bytes, StandardCharsets.ISO_8859_1),
                status,
                code,
                response -> {});
    }

    static Stream<Row> rows() {
        return Stream.of(bodies(), settings(), names(), paths(), wires(), files())
                .flatMap(List::stream);
    }

    // ---- rows 1 to 5: what is no JSON

    private static List<Row> bodies() {
        var json = "Content-Type: application/json\r\n";
        var tooMuch = TestNode.MAX_CONTENT_LENGTH_BYTES + 1;
        return List.of(
                job(1, "no body", "", "malformed-json"),
                job(1, "no JSON", "partciles=8", "malformed-json").saying("line 1"),
                job(1, "cut off", "{\"problems\":[{", "malformed-json").saying("line 1", "ends"),
                job(1, "more follows", "{\"a\":1}}", "malformed-json").saying("line 1", "column"),
                job(1, "NaN", "{\"seed\":NaN}", "malformed-json"),
                job(1, "nothing in it", "{}", "missing-field").at("/problems"),
                body(2, "no type", "", JOB, 415, "unsupported-media-type"),
                body(2, "another type", "Content-Type: text/plain\r\n", JOB, 415, "unsupported-media-type")
                        .with("Accept-Post: application/json"),
                body(
                        2,
                        "UTF-16",
                        "Content-Type: application/json; charset=utf-16\r\n",
                        JOB,
                        415,
                        "unsupported-media-type"),
                body(2, "gzip", json + "Content-Encoding: gzip\r\n", JOB, 415, "unsupported-media-type"),
                post(2, "Latin-1", "/api/v1/jobs", json, "{\"é\":1}", StandardCharsets.ISO_8859_1, 400, "invalid-utf8")
                        .saying("byte 2"),
                body(3, "too long, declared", json, " ".repeat(tooMuch), 413, "body-too-large")
                        .with("Connection: close")
                        .saying("\"limit\":" + TestNode.MAX_CONTENT_LENGTH_BYTES),
                raw(
                                3,
                                "too long, in chunks",
                                413,
                                "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\n" + json
                                        + "Transfer-Encoding: chunked\r\n\r\n"
                                        + "1000\r\n%s\r\n"
                                                .formatted(" ".repeat(0x1000))
                                                .repeat(20))
                        .saying("\"limit\":"),
                raw(
                        3,
                        "too long, expecting to continue",
                        413,
                        "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\n" + json
                                + "Expect: 100-continue\r\nContent-Length: 1000000000000\r\n\r\n"),
                job(4, "10,000 deep", "[".repeat(10_000), "json-too-complex"),
                job(4, "a number of 50,000 digits", "{\"seed\":" + "1".repeat(50_000) + "}", "json-too-complex"),
                job(4, "a name of 50,000 letters", "{\"" + "a".repeat(50_000) + "\":1}", "json-too-complex"),
                field(5, "twice the same key", "\"method\":{\"particles\":4,\"particles\":4000}", "duplicate-key")
                        .at("/method/particles"));
    }

    // ---- rows 6 to 9: settings

    private static List<Row> settings() {
        var rows = new ArrayList<>(List.of(
                method(6, "\"partciles\":8", "unknown-field")
                        .at("/method/partciles")
                        .saying("did you mean `particles`?"),
                field(6, "an address for a backend", "\"policyUrl\":\"http://169.254.169.254/\"", "unknown-field"),
                chat(6, "unknown inside its", "\"its\":{\"partciles\":8}", 400, "unknown_field")
                        .saying("did you mean `particles`?"),
                method(8, "\"essThreshold\":1.01", "out-of-range").at("/method/essThreshold"),
                field(8, "temperature -0.1", "\"sampling\":{\"temperature\":-0.1}", "out-of-range")
                        .at("/sampling/temperature"),
                field(8, "temperature 1e308", "\"sampling\":{\"temperature\":1e308}", "out-of-range"),
                field(8, "topP 0", "\"sampling\":{\"topP\":0}", "out-of-range").at("/sampling/topP"),
                field(8, "temperature Infinity", "\"sampling\":{\"temperature\":Infinity}", "malformed-json"),
                field(8, "temperature 1e999", "\"sampling\":{\"temperature\":1e999}", "out-of-range"),
                field(8, "temperature 0", "\"sampling\":{\"temperature\":0}", "degenerate-config")
                        .at("/sampling/temperature")
                        .saying("all particles would be identical", "allowDegenerate"),
                field(8, "topK 1", "\"sampling\":{\"topK\":1}", "degenerate-config"),
                chat(8, "temperature 0", "\"temperature\":0,\"budget\":4", 400, "degenerate_config")
                        .saying("allow_degenerate"),
                field(
                                9,
                                "particles and generations",
                                "\"method\":{\"particles\":8},\"budget\":{\"generations\":8}",
                                "conflicting-fields")
                        .at("/budget/generations", "/method/particles"),
                field(
                                9,
                                "a step longer than its answer",
                                "\"sampling\":{\"maxStepTokens\":600,\"maxTokens\":500}",
                                "conflicting-fields")
                        .at("/sampling/maxStepTokens", "/sampling/maxTokens")
                        .saying("600", "500"),
                field(
                                9,
                                "more than the context",
                                "\"sampling\":{\"maxSteps\":40,\"maxStepTokens\":512}",
                                "conflicting-fields")
                        .at("/sampling/maxSteps", "/sampling/maxStepTokens")
                        .saying("40 × 512 = 20480 > 4096"),
                field(9, "an answer longer than the context", "\"sampling\":{\"maxTokens\":8192}", "conflicting-fields")
                        .at("/sampling/maxTokens", "/policy")
                        .saying("8192 > 4096"),
                chat(9, "budget and particles", "\"budget\":8,\"its\":{\"particles\":4}", 400, "conflicting_fields")
                        .saying("4", "8")));
        for (var number : List.of("0", "-1", "1025", "9223372036854775808")) {
            rows.add(method(7, "\"particles\":" + number, "out-of-range")
                    .at("/method/particles")
                    .saying("between 1 and 1024: was " + number));
        }
        for (var other : List.of("1.5", "8.0", "\"8\"", "true", "null", "1e9", "[8]")) {
            rows.add(method(7, "\"particles\":" + other, "wrong-type")
                    .at("/method/particles")
                    .saying("a whole number"));
        }
        return rows;
    }

    // ---- rows 10 to 12: texts and names

    private static List<Row> names() {
        var rows = new ArrayList<Row>(List.of(
                question("", "empty-prompt"),
                question(" \\t\\n", "empty-prompt"),
                question("a\\u0000", "invalid-unicode"),
                question("\\ud800", "invalid-unicode"),
                job(10, "too long", "{\"problems\":[{\"question\":\"" + "x".repeat(1001) + "\"}]}", "prompt-too-long")
                        .saying("at most 1000 characters: had 1001"),
                chat(11, "an unknown PRM", "\"its\":{\"prm\":\"nobody\"}", 404, "model_not_found")
                        .saying("bundled")));
        for (var address : List.of(
                "http://169.254.169.254/", "http://2130706433/", "file:///etc/passwd", "http://[::ffff:10.0.0.1]")) {
            rows.add(field(12, address, "\"policy\":\"" + address + "\"", "backend-not-allowed")
                    .at("/policy"));
            rows.add(field(12, address, "\"prm\":\"" + address + "\"", "backend-not-allowed")
                    .at("/prm"));
            rows.add(chat(12, address, "\"its\":{\"prm\":\"" + address + "\"}", 400, "backend_not_allowed"));
        }
        return rows;
    }

    private static Row question(String text, String code) {
        return job(10, "\"" + text + "\"", "{\"problems\":[{\"question\":\"" + text + "\"}]}", code)
                .at("/problems/0/question");
    }

    // ---- rows 14 and 16: paths and methods

    private static List<Row> paths() {
        return List.of(
                request(14, "an unknown id", "GET", "/api/v1/jobs/job-0", 404, "unknown-job"),
                request(14, "its problems", "GET", "/api/v1/jobs/job-0/problems", 404, "unknown-job"),
                request(14, "its problem", "GET", "/api/v1/jobs/job-0/problems/p1", 404, "unknown-job"),
                request(14, "its events", "GET", "/api/v1/jobs/job-0/events", 404, "unknown-job"),
                request(14, "its export", "GET", "/api/v1/jobs/job-0/export", 404, "unknown-job"),
                request(14, "its end", "POST", "/api/v1/jobs/job-0/cancel", 404, "unknown-job"),
                request(14, "its removal", "DELETE", "/api/v1/jobs/job-0", 404, "unknown-job"),
                request(14, "its repetition", "POST", "/api/v1/jobs/job-0/retry", 404, "unknown-job"),
                request(14, "a way out", "GET", "/api/v1/jobs/..%2F..%2Fetc", 400, "invalid-id"),
                request(14, "NUL", "GET", "/api/v1/jobs/%00", 400, "invalid-id"),
                request(14, "10 kB", "GET", "/api/v1/jobs/" + "j".repeat(10_000), 400, "invalid-id"),
                request(14, "a problem's NUL", "GET", "/api/v1/jobs/job-0/problems/%00", 400, "invalid-id"),
                request(16, "nowhere", "GET", "/nothing", 404, "unknown-path"),
                request(16, "nowhere in the API", "GET", "/api/v1/nothing", 404, "unknown-path"),
                request(16, "a slash at the end", "GET", "/api/v1/jobs/", 404, "unknown-path"),
                request(16, "two slashes", "GET", "//api/v1/cluster", 404, "unknown-path"),
                request(16, "two slashes within", "GET", "/api/v1//cluster", 404, "unknown-path"),
                body(16, "PUT", "Content-Type: application/json\r\n", JOB, 405, "method-not-allowed")
                        .and(response -> assertThat(response.head()).contains("Allow: GET, HEAD, POST")),
                request(16, "DELETE", "DELETE", "/api/v1/cluster", 405, "method-not-allowed")
                        .with("Allow: GET, HEAD"),
                request(16, "OPTIONS", "OPTIONS", "/api/v1/jobs", 405, "method-not-allowed"),
                request(16, "TRACE", "TRACE", "/api/v1/cluster", 405, "method-not-allowed"),
                request(16, "a page of none", "GET", "/api/v1/jobs?limit=0", 400, "out-of-range"),
                request(16, "an unknown filter", "GET", "/api/v1/jobs?status=new", 400, "unknown-value"),
                raw(
                        16,
                        "GET with a body",
                        200,
                        "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"),
                raw(16, "HEAD", 200, "HEAD /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                        .and(response -> assertThat(response.body()).isEmpty()));
    }

    // ---- row 17: what is hardly HTTP

    private static List<Row> wires() {
        var start = "GET /livez HTTP/1.1\r\nHost: localhost\r\n";
        var post = "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
        return List.of(
                raw(17, "other bytes", 501, "\u0001\u0002\u0003 something else than HTTP\r\n\r\n"),
                raw(17, "another version", 505, "GET /livez HTTP/9.9\r\nHost: localhost\r\n\r\n"),
                raw(17, "another method", 501, "BREW /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                raw(17, "OPTIONS *", 404, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                raw(17, "another's URL", 400, "GET http://evil.example/livez HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                raw(17, "CONNECT", 400, "CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                raw(17, "%ff", 404, "GET /%ff HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                raw(17, "%zz", 400, "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                raw(17, "no host", 400, "GET /livez HTTP/1.1\r\n\r\n"),
                raw(17, "another's host", 421, "GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
                raw(17, "a header of 100 kB", 431, start + "X: " + "x".repeat(100_000) + "\r\n\r\n"),
                raw(
                        17,
                        "10,000 headers",
                        400,
                        start
                                + IntStream.range(0, 10_000)
                                        .mapToObj(n -> "X-" + n + ": 1\r\n")
                                        .collect(Collectors.joining())
                                + "\r\n"),
                raw(17, "NUL in a header", 400, start + "X: a\0b\r\n\r\n"),
                raw(17, "a URL of 20 kB", 414, "GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                raw(17, "two lengths", 400, post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n{}   "),
                raw(
                        17,
                        "a length and chunks",
                        400,
                        post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
                raw(
                        17,
                        "a chunk without a length",
                        400,
                        post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"));
    }

    // ---- row 19: files

    private static List<Row> files() {
        var lines = IntStream.rangeClosed(1, 4800)
                .mapToObj(n -> n == 4711 ? "{\"id\":" : "{}")
                .collect(Collectors.joining("\n"));
        return List.of(
                file("two broken lines", "{\"question\":\"a\",\"answer\":\"1\"}\r\n{\"question\":\r\n[]\r\n", 400)
                        .and(response -> assertThat(response.json().get("errors"))
                                .extracting(fault -> fault.get("pointer").textValue())
                                .containsExactly("/lines/2", "/lines/3"))
                        .saying("\"faults\":2"),
                file("4,800 lines without a question", lines, 400)
                        .and(response ->
                                assertThat(response.json().get("errors")).hasSize(100))
                        .saying("\"faults\":4800"),
                file(
                                "an id twice",
                                "{\"id\":\"a\",\"question\":\"a\",\"answer\":\"1\"}\n{\"id\":\"a\",\"question\":\"b\",\"answer\":\"1\"}",
                                400)
                        .saying("/lines/2"),
                file(
                                "a byte order mark and CRLF",
                                "\ufeff{\"question\":\"a\",\"answer\":\"1\"}\r\n{\"question\":\"b\",\"answer\":\"2\"}\r\n",
                                200)
                        .saying("\"problems\":2"),
                packed("gzip that is none", "{}", 400, "invalid-http"),
                packed("a gzip bomb", gzip(" ".repeat(10 << 20)), 413, "body-too-large"));
    }

    private static Row packed(String name, String bytes, int status, String code) {
        return post(
                19,
                name,
                "/api/v1/datasets?name=d",
                "Content-Type: application/x-ndjson\r\nContent-Encoding: gzip\r\n",
                bytes,
                StandardCharsets.ISO_8859_1,
                status,
                code);
    }

    private static String gzip(String content) {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(content.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return packed.toString(StandardCharsets.ISO_8859_1);
    }

    private static Row file(String name, String content, int status) {
        return post(
                19,
                name,
                "/api/v1/datasets?name=d" + name.length(),
                "Content-Type: application/x-ndjson\r\n",
                content,
                StandardCharsets.UTF_8,
                status,
                status == 400 ? "broken-line" : "");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void isAnsweredAsListed(Row row) throws Exception {
        var response =
                exchange(server, row.name().equals("PUT") ? row.request().replaceFirst("POST", "PUT") : row.request());

        assertThat(response.status()).as(response.body()).isEqualTo(row.status());
        if (row.status() >= 400 && !row.request().contains(" /v1/")) {
            assertThat(response.head()).contains("Content-Type: application/problem+json");
            var problem = response.json();
            assertThat(problem.get("status").intValue()).isEqualTo(row.status());
            assertThat(problem.get("title").textValue()).isNotBlank();
            assertThat(problem.get("detail").textValue()).isNotBlank();
            assertThat(problem.get("type").textValue())
                    .isEqualTo("urn:cloudchamber:error:" + problem.get("code").textValue());
            if (!row.code().isEmpty()) {
                assertThat(problem.get("code").textValue()).isEqualTo(row.code());
                assertThat(response.head())
                        .contains("X-Request-Id: " + problem.get("requestId").textValue());
                assertThat(problem.get("instance").textValue())
                        .isEqualTo(row.request().split("[ ?]", 3)[1]);
            }
        } else if (row.status() >= 400) {
            var error = response.json().get("error");
            assertThat(error.get("code").textValue()).isEqualTo(row.code());
            assertThat(error.fieldNames()).toIterable().containsExactlyInAnyOrder("message", "type", "param", "code");
        }
        row.also().accept(response);
    }

    /** Row 8: whoever means it is served. */
    @Test
    void identicalParticlesAreAcceptedOnDemand() throws Exception {
        var job = client.submit(QUESTION.formatted(",\"sampling\":{\"temperature\":0},\"allowDegenerate\":true"));

        assertThat(client.awaitStatus(job, "succeeded").at("/counts/succeeded").intValue())
                .isOne();
        assertThat(client.post(
                                "/v1/chat/completions",
                                CHAT_WITH.formatted(
                                        ",\"temperature\":0,\"budget\":4,\"its\":{\"allow_degenerate\":true}"))
                        .statusCode())
                .isEqualTo(200);
    }

    /** Row 11: where the models are listed; elsewhere a job waits for workers. */
    @Test
    void anUnknownModelIsRefusedWhereTheModelsAreListed() throws Exception {
        try (var strict = new Client(strictServer)) {
            for (var name : List.of("policy", "prm")) {
                var refused = strict.post("/api/v1/jobs", QUESTION.formatted(",\"" + name + "\":\"bundeld\""));

                assertThat(refused.statusCode()).isEqualTo(400);
                assertThat(Client.json(refused).get("code").textValue()).isEqualTo("unknown-model");
                assertThat(Client.json(refused).at("/errors/0/pointer").textValue())
                        .isEqualTo("/" + name);
                assertThat(refused.body()).contains("bundled, known: was another", "did you mean `bundled`?");
            }
            assertThat(strict.post("/api/v1/jobs", QUESTION.formatted(",\"policy\":\"known\""))
                            .statusCode())
                    .isEqualTo(202);
        }
    }

    /** Row 11 of the OpenAI-compatible API. */
    @Test
    void anUnknownModelIsNotFoundByOpenAiClients() throws Exception {
        var refused = client.post("/v1/chat/completions", CHAT.replace("bundled", "nobody"));

        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(Client.json(refused).at("/error/code").textValue()).isEqualTo("model_not_found");
        assertThat(refused.body()).contains("bundled");
    }

    /** Row 15. */
    @Test
    void oneKeyMakesOneJob() throws Exception {
        var answers = new ArrayList<HttpResponse<String>>();
        // On a busy machine some may be told to try again, and do.
        Callable<HttpResponse<String>> submission = () -> await().atMost(PATIENCE)
                .until(
                        () -> client.post("/api/v1/jobs", JOB, "Idempotency-Key", "fifty"),
                        answer -> answer.statusCode() != 503);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var answer : executor.invokeAll(Collections.nCopies(50, submission))) {
                answers.add(answer.get());
            }
        }

        assertThat(answers)
                .allSatisfy(answer ->
                        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202));
        assertThat(answers.stream()
                        .map(answer -> Client.json(answer).get("id").textValue())
                        .distinct())
                .hasSize(1);
        assertThat(answers)
                .filteredOn(answer ->
                        answer.headers().firstValue("Idempotency-Replayed").isEmpty())
                .hasSizeLessThan(2);
        var other = client.post("/api/v1/jobs", JOB.replace("7", "8"), "Idempotency-Key", "fifty");
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(Client.json(other).get("code").textValue()).isEqualTo("idempotency-mismatch");
        var malformed = client.post("/api/v1/jobs", JOB, "Idempotency-Key", "a b");
        assertThat(malformed.statusCode()).isEqualTo(400);
    }

    /** Row 20. */
    @Test
    void whatIsNotOverHasNoResultAndCannotBeRemoved() throws Exception {
        var job = client.submit("{\"problems\":[{\"question\":\"Think for ever.\"}]}");
        client.awaitStatus(job, "running");

        var result = client.get("/api/v1/jobs/" + job + "/results");
        assertThat(result.statusCode()).isEqualTo(409);
        assertThat(Client.json(result).get("code").textValue()).isEqualTo("not-finished");
        assertThat(result.headers().firstValue("Retry-After")).isPresent();
        assertThat(result.body()).contains("\"progress\":0.0");
        var removal = client.send(client.request("/api/v1/jobs/" + job).DELETE(), HttpResponse.BodyHandlers.ofString());
        assertThat(removal.statusCode()).isEqualTo(409);
        assertThat(Client.json(removal).get("code").textValue()).isEqualTo("not-finished");

        var cancelled = client.post("/api/v1/jobs/" + job + "/cancel", "");
        assertThat(cancelled.statusCode()).isEqualTo(200);
        assertThat(client.post("/api/v1/jobs/" + job + "/cancel", "").body()).isEqualTo(cancelled.body());
    }

    /** Row 20. */
    @Test
    void whatIsOverCannotBeCancelled() throws Exception {
        var job = client.submit(JOB);
        client.awaitStatus(job, "succeeded");

        var refused = client.post("/api/v1/jobs/" + job + "/cancel", "");

        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(Client.json(refused).get("code").textValue()).isEqualTo("already-terminal");
        assertThat(Client.json(refused).get("jobStatus").textValue()).isEqualTo("succeeded");
    }

    /** Row 20: streams that go on after an event nobody knows start over; hanging up ends no job. */
    @Test
    void aStreamStartsOverAndItsEndEndsNothing() throws Exception {
        var done = client.submit(JOB);
        client.awaitStatus(done, "succeeded");
        var waiting =
                client.submit("{\"problems\":[{\"question\":\"Answer when told.\"}],\"method\":{\"particles\":2}}");
        var events = "/api/v1/jobs/" + waiting + "/problems/p1/events";
        String others;
        try (var stream = client.events("/api/v1/jobs/" + done + "/problems/p1/events")) {
            others = stream.next("round").id();
        }
        for (var strange : List.of("4711-4711", others, "\u00e9")) {
            try (var stream = client.events(events, "Last-Event-ID", strange)) {
                assertThat(stream.next().name()).as(strange).isEqualTo("snapshot");
            }
        }
        for (int batch = 0; batch < 4; batch++) {
            await().atMost(PATIENCE).until(() -> ScriptedDispatcher.release(2));
        }
        assertThat(client.awaitStatus(waiting, "succeeded")
                        .at("/counts/succeeded")
                        .intValue())
                .isOne();
    }

    @Test
    void aBodyThatDoesNotComeIsWaitedForInVain() throws Exception {
        var response = exchange(
                deafServer,
                "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 10\r\n\r\n{}");

        assertThat(response.status()).isEqualTo(408);
        assertThat(response.body()).contains("body-too-slow");
    }

    // ---- whatever the bytes

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
    // ---- helpers

    private static Response exchange(ServerBinding server, String request) throws IOException {
        var response = exchange(server, request, false);
        int end = response.indexOf("\r\n\r\n");
        assertThat(end).as("an answer was expected: was [%s]", response).isPositive();
        return new Response(
                response.substring(0, end),
                new String(response.substring(end + 4).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    }

    /** @param last whether to say that nothing follows */
    private static String exchange(ServerBinding server, String request, boolean last) throws IOException {
        try (var socket = new Socket(
                server.localAddress().getAddress(), server.localAddress().getPort())) {
            socket.setSoTimeout((int) Duration.ofSeconds(60).toMillis());
            try {
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            } catch (SocketException refused) {
                // The answer came, and the end of the connection, before all was said.
            }
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
}
