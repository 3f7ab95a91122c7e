package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.Client.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.journal.ReadModel;
import cloudchamber.coordinator.sweep.SweepEvent;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Data sets and sweeps over a socket. */
@Timeout(120)
class SweepsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MAX_FILE_BYTES = 2_000_000;
    private static final String LINES = "application/x-ndjson";
    /** The second has another right answer than the policy gives. */
    private static final String SUMS = """
            {"id":"a","question":"Evaluate 3 + 4.","answer":"7","level":"1"}
            {"id":"b","question":"Evaluate 3 + 4.","answer":"8","level":"2"}
            """;

    private static TestNode node;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        node = new TestNode("sweeps");
        var small = node.settings(Duration.ofSeconds(60));
        client = new Client(node.serve(
                new HttpSettings(
                        small.host(),
                        small.port(),
                        small.requestTimeout(),
                        small.chatTimeout(),
                        MAX_FILE_BYTES,
                        small.maxQuestionCharacters(),
                        small.maxParticles(),
                        small.models(),
                        small.access()),
                node.dispatcher()));
        await().atMost(PATIENCE).until(() -> client.get("/readyz").statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        client.close();
        node.close();
    }

    // ---- data sets

    private static HttpResponse<String> upload(String query, String type, byte[] body, String... headers)
            throws Exception {
        return client.send(
                client.request("/api/v1/datasets?" + query, headers)
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofByteArray(body)),
                BodyHandlers.ofString());
    }

    private static HttpResponse<String> upload(String query, String type, String body) throws Exception {
        return upload(query, type, body.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean known(String name) throws Exception {
        return client.get("/api/v1/datasets/" + name).statusCode() == 200;
    }

    @Test
    void aFileOfLinesIsRegisteredAndShown() throws Exception {
        var registered = upload("name=sums&grader=exact&systemPrompt=Be%20brief.", LINES, SUMS);

        assertThat(registered.statusCode()).as(registered.body()).isEqualTo(200);
        var set = json(registered).get("dataSet");
        assertThat(set.get("problems").intValue()).isEqualTo(2);
        assertThat(set.get("grader").textValue()).isEqualTo("exact");
        assertThat(set.get("systemPrompt").textValue()).isEqualTo("Be brief.");
        assertThat(set.get("sha256").textValue()).matches("[0-9a-f]{64}");
        assertThat(json(client.get("/api/v1/datasets")).get("dataSets")).contains(set);
        var shown = json(client.get("/api/v1/datasets/sums"));
        assertThat(shown.get("dataSet")).isEqualTo(set);
        assertThat(shown.at("/problems/0/tags/level").textValue()).isEqualTo("1");
    }

    @Test
    void csvIsReadByItsHeaderOrByTheFieldsThatAreNamed() throws Exception {
        var csv = "number,text,gold answer\r\n1,\"Evaluate 3 + 4,\nplease.\",7\r\n2,Evaluate 5.,5\r\n";

        assertThat(upload("name=unnamed", "text/csv", csv).statusCode()).isEqualTo(400);
        var registered =
                upload("name=named&idField=number&questionField=text&answerField=gold%20answer", "text/csv", csv);

        assertThat(registered.statusCode()).as(registered.body()).isEqualTo(200);
        var first = json(client.get("/api/v1/datasets/named")).at("/problems/0");
        assertThat(first.get("id").textValue()).isEqualTo("1");
        assertThat(first.get("question").textValue()).isEqualTo("Evaluate 3 + 4,\nplease.");
        assertThat(first.get("answer").textValue()).isEqualTo("7");
        assertThat(known("unnamed")).isFalse();
    }

    private static String lines(int count, int broken, String end) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(line -> line == broken
                        ? "{\"id\":\"p" + line + "\",\"question\":"
                        : "{\"id\":\"p" + line + "\",\"question\":\"Evaluate " + line + ".\",\"answer\":\"" + line
                                + "\"}")
                .collect(Collectors.joining(end, "", end));
    }

    @Test
    void aBrokenLineOfTenThousandIsNamedAndNothingIsRegistered() throws Exception {
        var file = lines(10_000, 4_711, "\n");

        var refused = upload("name=long", LINES, file);

        assertThat(refused.statusCode()).isEqualTo(400);
        var fault = json(refused).at("/errors/0");
        assertThat(fault.get("pointer").textValue()).isEqualTo("/lines/4711");
        assertThat(fault.get("detail").textValue()).startsWith("line 4711 must be JSON");
        assertThat(json(refused).get("faults").intValue()).isEqualTo(1);
        assertThat(known("long")).isFalse();

        var skipped = upload("name=long&onError=skip", LINES, file);
        assertThat(skipped.statusCode()).as(skipped.body()).isEqualTo(200);
        assertThat(json(skipped).at("/dataSet/problems").intValue()).isEqualTo(9_999);
        assertThat(json(skipped).get("skippedCount").intValue()).isEqualTo(1);
        assertThat(json(skipped).at("/skipped/0/line").intValue()).isEqualTo(4_711);
        assertThat(json(client.get("/api/v1/datasets/long"))
                        .at("/dataSet/problems")
                        .intValue())
                .isEqualTo(9_999);
    }

    @Test
    void idsThatStandTwiceAreFaultsAndTheFirstHundredAreTold() throws Exception {
        var twice = SUMS + SUMS.repeat(75);

        var refused = upload("name=twice", LINES, twice);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(json(refused).get("errors")).hasSize(100);
        assertThat(json(refused).get("faults").intValue()).isEqualTo(150);
        assertThat(json(refused).at("/errors/0/detail").textValue()).startsWith("line 3 ");
        assertThat(known("twice")).isFalse();
    }

    @Test
    void aByteOrderMarkAndWindowsLineEndsAreTaken() throws Exception {
        var registered = upload("name=windows", LINES, "\uFEFF" + SUMS.replace("\n", "\r\n") + "\r\n");

        assertThat(registered.statusCode()).as(registered.body()).isEqualTo(200);
        assertThat(json(registered).at("/dataSet/problems").intValue()).isEqualTo(2);
    }

    @Test
    void gzipIsTakenWhereItIsDeclaredAndABombIsTooLarge() throws Exception {
        var packed = gzip(SUMS.getBytes(StandardCharsets.UTF_8));
        assertThat(upload("name=packed", LINES, packed, "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(200);
        assertThat(known("packed")).isTrue();

        var bomb = gzip(new byte[200 * MAX_FILE_BYTES]);
        assertThat(bomb.length).isLessThan(MAX_FILE_BYTES);
        var refused = upload("name=bomb", LINES, bomb, "Content-Encoding", "gzip");
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(json(refused).get("code").textValue()).isEqualTo("body-too-large");
        assertThat(upload("name=undeclared", LINES, packed).statusCode()).isEqualTo(200);
        assertThat(upload("name=bomb", LINES, bomb).statusCode()).isEqualTo(400);
        assertThat(upload("name=bomb", LINES, gzip(bomb), "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(400);
        assertThat(upload("name=bomb", LINES, SUMS.getBytes(StandardCharsets.UTF_8), "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(400);
        assertThat(upload("name=bomb", LINES, packed, "Content-Encoding", "br").statusCode())
                .isEqualTo(415);
        assertThat(known("bomb")).isFalse();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var stream = new GZIPOutputStream(packed)) {
            stream.write(bytes);
        }
        return packed.toByteArray();
    }

    @Test
    void whatCannotBeADataSetIsRefusedByWhatIsWrong() throws Exception {
        assertThat(upload("name=", LINES, SUMS).statusCode()).isEqualTo(400);
        assertThat(upload("name=..", LINES, SUMS).statusCode()).isEqualTo(400);
        assertThat(upload("name=empty", LINES, "").statusCode()).isEqualTo(400);
        assertThat(upload("name=graded&grader=guess", LINES, SUMS).statusCode()).isEqualTo(400);
        assertThat(upload("name=typed", "text/html", SUMS).statusCode()).isEqualTo(415);
        assertThat(upload("name=large", LINES, " ".repeat(MAX_FILE_BYTES + 1)).statusCode())
                .isEqualTo(413);
        assertThat(client.get("/api/v1/datasets/empty").statusCode()).isEqualTo(404);
    }

    // ---- sweeps

    private static final String SWEEP = """
            {"id":"%s","name":"<b>%s</b>","dataSets":["%s"],
             "methods":["particle-filter","best-of-n","self-consistency"],"budgets":[2,4],"seeds":[0,1],
             "references":[{"name":"a paper","accuracy":0.75,"source":"made up"}]}""";

    private static JsonNode submit(String id, String dataSet) throws Exception {
        assertThat(upload("name=" + dataSet, LINES, SUMS).statusCode()).isEqualTo(200);
        var accepted = client.post("/api/v1/sweeps", SWEEP.formatted(id, id, dataSet));
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        assertThat(accepted.headers().firstValue("Location")).contains("/api/v1/sweeps/" + id);
        return json(accepted);
    }

    private static void awaitStatus(String id, String status) {
        await().atMost(PATIENCE)
                .until(() -> json(client.get("/api/v1/sweeps/" + id))
                        .get("status")
                        .textValue()
                        .equals(status));
    }

    @Test
    void aSweepTellsOfItsCurvesToItsEndAndAgainToWhoComesLate() throws Exception {
        submit("told", "told");
        try (var early = client.events("/api/v1/sweeps/told/events")) {
            assertThat(early.response().headers().firstValue("Content-Type")).contains("text/event-stream");
            check(early.rest());
        }
        awaitStatus("told", "ended");
        try (var late = client.events("/api/v1/sweeps/told/events")) {
            check(late.rest());
        }
    }

    /** Each method is right on one of the two problems, whatever its budget. */
    private static void check(List<Client.Event> events) {
        assertThat(events.getFirst().name()).isEqualTo("snapshot");
        var snapshot = events.getFirst().json();
        assertThat(snapshot.at("/sweep/name").textValue()).isEqualTo("<b>told</b>");
        assertThat(snapshot.get("places")).hasSize(12);
        assertThat(snapshot.at("/references/0/accuracy").doubleValue()).isEqualTo(0.75);
        assertThat(events.getLast().name()).isEqualTo("end");
        assertThat(events.getLast().json().get("status").textValue()).isEqualTo("ended");
        var described = OpenApiTest.eventsOf("GET /api/v1/sweeps/{sweep}/events");
        assertThat(events)
                .allSatisfy(event -> assertThat(OpenApiTest.SCHEMA.faults(event.json(), described.get(event.name())))
                        .as(event.data())
                        .isEmpty());
        var points = events.stream()
                .filter(event -> event.name().equals("progress"))
                .flatMap(event -> event.json().get("points").valueStream())
                .collect(Collectors.toMap(
                        point -> point.get("series").textValue() + "@" + point.get("budget"),
                        point -> point,
                        (one, later) -> later));
        assertThat(points).hasSize(6).allSatisfy((name, point) -> {
            assertThat(point.get("problems").intValue()).isEqualTo(2);
            assertThat(point.get("runs").intValue()).isEqualTo(4);
            assertThat(point.get("accuracy").doubleValue()).isEqualTo(0.5);
            assertThat(point.get("low").doubleValue()).isLessThanOrEqualTo(0.5);
            assertThat(point.get("high").doubleValue()).isGreaterThanOrEqualTo(0.5);
        });
        var scores = events.stream()
                .filter(event -> event.name().equals("progress"))
                .flatMap(event -> event.json().get("cells").valueStream())
                .collect(Collectors.toMap(
                        score -> score.get("cell").textValue(), score -> score, (one, later) -> later));
        assertThat(scores).hasSize(12).allSatisfy((name, score) -> {
            assertThat(score.get("over").intValue()).isEqualTo(2);
            assertThat(score.get("right").intValue()).isEqualTo(1);
        });
    }

    @Test
    void aSweepIsListedShownByCellPausedAndCancelled() throws Exception {
        var sweep = submit("stopped", "stopped");
        var path = "/api/v1/sweeps/stopped";
        var cell = sweep.at("/cells/0/id").textValue();
        var shown = json(client.get(path + "/cells/" + cell));
        assertThat(shown.get("problems")).hasSize(2);
        assertThat(shown.at("/problems/1/answer").textValue()).isEqualTo("8");
        assertThat(client.get(path + "/cells/none").statusCode()).isEqualTo(404);
        assertThat(json(client.get("/api/v1/sweeps")).get("sweeps"))
                .extracting(each -> each.get("id").textValue())
                .contains("stopped");

        assertThat(client.post(path + "/pause", "").statusCode()).isEqualTo(200);
        assertThat(client.post(path + "/resume", "").statusCode()).isEqualTo(200);
        awaitStatus("stopped", "ended");
        assertThat(client.post(path + "/cancel", "").statusCode()).isEqualTo(200);
        assertThat(json(client.post(path + "/retry", "")).get("status").textValue())
                .isEqualTo("ended");
        for (var verb : List.of("pause", "resume", "cancel", "retry")) {
            assertThat(client.post("/api/v1/sweeps/none/" + verb, "").statusCode())
                    .as(verb)
                    .isEqualTo(404);
        }
        assertThat(client.get("/api/v1/sweeps/none/events").statusCode()).isEqualTo(404);
        assertThat(client.get("/api/v1/sweeps/none").statusCode()).isEqualTo(404);
    }

    /** A cancelled sweep ends its stream, though some of its jobs were never submitted. */
    @Test
    void aCancelledSweepStaysCancelled() throws Exception {
        assertThat(upload("name=thinking", LINES, """
                {"id":"a","question":"Think for ever.","answer":"7"}
                """).statusCode()).isEqualTo(200);
        var request = SWEEP.formatted("thought", "thought", "thinking");
        assertThat(client.post("/api/v1/sweeps", request).statusCode()).isEqualTo(202);
        try (var events = client.events("/api/v1/sweeps/thought/events")) {
            assertThat(events.next().name()).isEqualTo("snapshot");
            client.post("/api/v1/sweeps/thought/cancel", "");
            var end = events.rest().getLast();

            assertThat(end.name()).isEqualTo("end");
            assertThat(end.json().get("status").textValue()).isEqualTo("cancelled");
            assertThat(end.json().at("/counts/cancelled").longValue())
                    .isEqualTo(end.json().at("/counts/total").longValue());
        }
        var again = client.post("/api/v1/sweeps", request);
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(json(again).get("code").textValue()).isEqualTo("already-terminal");
    }

    /** Nobody asks after sweeps that have ended, unless somebody looks. */
    @Test
    void onlySweepsThatAreNotOverAreLookedAfter() throws Exception {
        submit("ended", "ended");
        awaitStatus("ended", "ended");
        var journal = ReadModel.get(node.kit().system());

        assertThat(journal.entities("sweep").toCompletableFuture().get()).contains("ended");
        assertThat(journal.entitiesBefore("sweep", SweepEvent.Ended.class)
                        .toCompletableFuture()
                        .get())
                .doesNotContain("ended");
    }

    @Test
    void aSweepMayAskADataSetInItsOwnWay() throws Exception {
        assertThat(upload("name=prompted&systemPrompt=One.", LINES, SUMS).statusCode())
                .isEqualTo(200);
        var accepted = client.post("/api/v1/sweeps", """
                {"id":"prompted","dataSets":[{"name":"prompted","systemPrompt":"Other.","grader":"exact","limit":1}],
                 "methods":["greedy"]}""");

        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        var set = json(accepted).at("/dataSets/0");
        assertThat(set.get("systemPrompt").textValue()).isEqualTo("Other.");
        assertThat(set.get("grader").textValue()).isEqualTo("exact");
        assertThat(set.get("problems").intValue()).isEqualTo(1);
    }

    @Test
    void whatIsWrongWithASweepIsSaidAllAtOnce() throws Exception {
        var refused = client.post("/api/v1/sweeps", """
                {"dataSets":["nowhere"],"methods":["beam-serch","particle-filter","particle-gibbs"],"budgets":[4,0],
                 "targets":["final","finall"],"seeds":"all","metods":[]}""");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(json(refused).get("errors"))
                .extracting(fault -> fault.get("pointer").textValue())
                .containsExactlyInAnyOrder(
                        "/dataSets/0", "/methods/0", "/budgets/1", "/targets/1", "/seeds", "/metods");
    }

    /** As a job refuses it: all generations of a problem would be the same. */
    @Test
    void identicalParticlesAreRefusedUnlessTheyAreMeant() throws Exception {
        upload("name=cold", LINES, SUMS);
        var cold = """
                {"id":"%s","dataSets":["cold"],"methods":["greedy","particle-filter"],"budgets":[4],
                 "temperatures":[0.8,0]%s}""";
        var refused = client.post("/api/v1/sweeps", cold.formatted("cold-1", ""));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(json(refused).at("/errors/0/code").textValue()).isEqualTo("degenerate-config");
        assertThat(json(refused).at("/errors/0/pointer").textValue()).isEqualTo("/temperatures/1");
        assertThat(client.post("/api/v1/sweeps", cold.formatted("cold-2", ",\"allowDegenerate\":true"))
                        .statusCode())
                .isEqualTo(202);
        var greedy = """
                {"id":"cold-3","dataSets":["cold"],"methods":["greedy"],"temperatures":[0]}""";
        assertThat(client.post("/api/v1/sweeps", greedy).statusCode()).isEqualTo(202);
    }

    @Test
    void aNameWithControlCharactersIsRefused() throws Exception {
        for (var field : List.of("\"name\":\"a\\u001b[2J\"", "\"policies\":[\"a\\nb\"]", "\"prms\":[\"a\\u009bb\"]")) {
            var refused =
                    client.post("/api/v1/sweeps", "{\"id\":\"control\",\"dataSets\":[\"nowhere\"]," + field + "}");
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(json(refused).get("errors"))
                    .extracting(fault -> fault.get("code").textValue())
                    .contains("control-character");
        }
        for (var field : List.of(
                "\"labels\":{\"run\":\"a\\u001b[2J\"}",
                "\"labels\":{\"a\\u001b\":\"b\"}",
                "\"policy\":\"a\\rb\"",
                "\"prm\":\"a\\u2028b\"",
                "\"problems\":[{\"id\":\"a\\u0007\",\"question\":\"q\"}]")) {
            var job = field.contains("problems")
                    ? "{" + field + "}"
                    : "{\"problems\":[{\"question\":\"q\"}]," + field + "}";
            assertThat(client.post("/api/v1/jobs", job).statusCode()).as(field).isEqualTo(400);
        }
    }
}
