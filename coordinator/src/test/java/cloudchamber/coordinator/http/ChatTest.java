package cloudchamber.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Chat completions over a socket, as OpenAI's clients ask for them. */
@Timeout(60)
class ChatTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String ASKED = """
            {"model":"bundled","messages":[{"role":"user","content":"Evaluate 3 + 4."}],"budget":8%s}""";
    private static final String FOR_EVER = """
            {"model":"bundled","messages":[{"role":"user","content":"Think for ever."}]%s}""";

    private static TestNode node;
    private static ServerBinding server;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        node = new TestNode("chat");
        server = node.serve(node.settings(Duration.ofSeconds(60)), node.dispatcher());
        client = new Client(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        node.close();
    }

    private static JsonNode ok(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return Client.json(response);
    }

    @Test
    void namesTheModelsThatAreServed() throws Exception {
        var models = ok(client.get("/v1/models"));

        assertThat(models.get("object").textValue()).isEqualTo("list");
        assertThat(models.get("data")).hasSize(1); // the other policy has fallen silent
        var model = models.at("/data/0");
        assertThat(model.get("id").textValue()).isEqualTo("bundled");
        assertThat(model.get("object").textValue()).isEqualTo("model");
        assertThat(model.get("created").isIntegralNumber()).isTrue();
        assertThat(model.get("owned_by").textValue()).isEqualTo("cloudchamber");
        assertThat(ok(client.get("/v1/models/bundled"))).isEqualTo(model);
        assertError(client.get("/v1/models/other"), 404, "model_not_found", "model");
    }

    @Test
    void whatAClientSendsForAKeyDoesNotMatterWhereThereAreNone() throws Exception {
        for (var key : List.of("Bearer none", "Bearer cck_" + "a".repeat(43), "Basic bm9uZQ==")) {
            ok(client.get("/v1/models", "Authorization", key));
        }
        ok(client.get("/v1/models", "Cookie", "cloudchamber-session=an-earlier-servers"));
    }

    @Test
    void answersWithTheElectedText() throws Exception {
        var answer = ok(client.post(CHAT, ASKED.formatted("")));

        assertThat(answer.get("id").textValue()).startsWith("chatcmpl-");
        assertThat(answer.get("object").textValue()).isEqualTo("chat.completion");
        assertThat(answer.get("model").textValue()).isEqualTo("bundled");
        assertThat(answer.get("choices")).hasSize(1);
        assertThat(answer.at("/choices/0/message/role").textValue()).isEqualTo("assistant");
        assertThat(answer.at("/choices/0/message/content").textValue()).isEqualTo("3 + 4 = 7\n\n\\boxed{7}");
        assertThat(answer.at("/choices/0/finish_reason").textValue()).isEqualTo("stop");
        // 8 particles of two steps, 5 tokens read and 5 generated for each
        assertThat(answer.at("/usage/prompt_tokens").intValue()).isEqualTo(80);
        assertThat(answer.at("/usage/completion_tokens").intValue()).isEqualTo(80);
        assertThat(answer.at("/usage/total_tokens").intValue()).isEqualTo(160);
        assertThat(answer.has("metadata")).isFalse();
        var job = ok(client.get("/api/v1/jobs/" + answer.get("id").textValue()));
        assertThat(job.at("/method/particles").intValue()).isEqualTo(8);
    }

    @Test
    void tellsOfTheSearchIfAsked() throws Exception {
        var answer = ok(client.post(CHAT, ASKED.formatted("""
                ,"n":3,"return_response_only":false,"seed":5,"some_new_field":{"a":1},
                "its":{"algorithm":"particle-filtering","ess_threshold":0.9}""")));

        assertThat(answer.get("choices")).hasSize(2); // so many distinct answers there are
        var seven = answer.at("/choices/0/its");
        var eight = answer.at("/choices/1/its");
        assertThat(seven.get("answer").textValue()).isEqualTo("7");
        assertThat(eight.get("answer").textValue()).isEqualTo("8");
        assertThat(seven.get("weight").doubleValue() + eight.get("weight").doubleValue())
                .isCloseTo(1, within(1e-9));
        assertThat(answer.at("/choices/1/message/content").textValue()).endsWith("\\boxed{8}");
        var metadata = answer.get("metadata");
        assertThat(metadata.get("algorithm").textValue()).isEqualTo("particle-filter");
        assertThat(metadata.get("seed").intValue()).isEqualTo(5);
        assertThat(metadata.get("all_responses")).hasSize(8);
        assertThat(metadata.at(
                        "/all_responses/" + metadata.get("selected_index").intValue()))
                .isEqualTo(answer.at("/choices/0/message/content"));
        assertThat(StreamSupport.stream(metadata.get("weights").spliterator(), false)
                        .mapToDouble(JsonNode::doubleValue)
                        .sum())
                .isCloseTo(1, within(1e-9));
        assertThat(metadata.get("ess")).hasSize(2);
        assertThat(metadata.get("log_evidence").isNumber()).isTrue();
        assertThat(metadata.get("num_calls").intValue()).isEqualTo(16);
    }

    @Test
    void headersWinOverTheBody() throws Exception {
        var answer = ok(client.post(
                CHAT,
                ASKED.formatted(",\"its\":{\"algorithm\":\"beam-search\"}"),
                "X-ITS-Budget",
                "4",
                "X-ITS-Algorithm",
                "self-consistency"));

        var job = ok(client.get("/api/v1/jobs/" + answer.get("id").textValue()));
        assertThat(job.at("/method/id").textValue()).isEqualTo("self-consistency");
        assertThat(job.at("/method/particles").intValue()).isEqualTo(4);
    }

    @Test
    void takesAConversationWithASystemPrompt() throws Exception {
        var answer = ok(client.post(CHAT, """
                {"model":"bundled","budget":2,"messages":[
                  {"role":"system","content":"Be brief."},{"role":"user","content":"Hello"},
                  {"role":"assistant","content":"Hello!"},
                  {"role":"user","content":[{"type":"text","text":"Evaluate "},{"type":"text","text":"3 + 4."}]}]}"""));

        var problems = ok(client.get("/api/v1/jobs/" + answer.get("id").textValue() + "/problems"));
        assertThat(problems.at("/problems/0/question").textValue()).isEqualTo("Evaluate 3 + 4.");
    }

    @Test
    void streamsProgressThenTheText() throws Exception {
        try (var events = client.events(client.request(CHAT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(
                        ASKED.formatted(",\"stream\":true,\"stream_options\":{\"include_usage\":true}"))))) {
            assertThat(events.response().headers().firstValue("Content-Type")).contains("text/event-stream");
            var all = events.rest();

            assertThat(all.getLast().data()).isEqualTo("[DONE]");
            var chunks = all.subList(0, all.size() - 1).stream()
                    .map(Client.Event::json)
                    .toList();
            assertThat(chunks).allMatch(chunk -> chunk.get("object").textValue().equals("chat.completion.chunk"));
            assertThat(chunks.getFirst().at("/choices/0/delta/role").textValue())
                    .isEqualTo("assistant");
            assertThat(chunks.stream()
                            .map(chunk -> chunk.at("/choices/0/delta/content").asText())
                            .reduce("", String::concat))
                    .isEqualTo("3 + 4 = 7\n\n\\boxed{7}");
            assertThat(chunks.stream().filter(chunk -> chunk.has("its")))
                    .isNotEmpty()
                    .allMatch(chunk -> chunk.at("/its/particles").intValue() == 8);
            assertThat(chunks.get(chunks.size() - 2)
                            .at("/choices/0/finish_reason")
                            .textValue())
                    .isEqualTo("stop");
            assertThat(chunks.getLast().get("choices")).isEmpty();
            assertThat(chunks.getLast().at("/usage/total_tokens").intValue()).isEqualTo(160);
        }
    }

    @Test
    void aSearchThatFailsSaysWhy() throws Exception {
        var body = """
                {"model":"bundled","messages":[{"role":"user","content":"This one is broken."}],"stream":%s}""";

        var refused = client.post(CHAT, body.formatted(false));
        assertError(refused, 502, "search_failed", null);
        assertThat(refused.headers().firstValue("X-Should-Retry")).contains("false");
        try (var events = client.events(client.request(CHAT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.formatted(true))))) {
            var all = events.rest();
            assertThat(all.get(all.size() - 2).json().at("/error/message").textValue())
                    .contains("the backend wants another question");
        }
    }

    /** Whether it waits for a stream or for the whole. */
    @ParameterizedTest
    @MethodSource("waysToWait")
    void whoHangsUpEndsTheSearch(String stream) throws Exception {
        var body = FOR_EVER.formatted(stream);
        try (var events = client.events("/api/v1/events")) {
            var overview = events.next("overview").json();
            var before = overview.at("/jobs/ended/cancelled").longValue();
            try (var socket = new Socket("127.0.0.1", server.localAddress().getPort())) {
                socket.getOutputStream()
                        .write(("POST " + CHAT + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                        + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                                .getBytes(StandardCharsets.UTF_8));
                while (overview.at("/problems/running").intValue() == 0) {
                    overview = events.next("overview").json();
                }
            }

            while (overview.at("/jobs/ended/cancelled").longValue() == before) {
                overview = events.next("overview").json();
            }
            assertThat(overview.at("/jobs/ended/cancelled").longValue()).isEqualTo(before + 1);
        }
    }

    static List<String> waysToWait() {
        return List.of("", ",\"stream\":true");
    }

    static Stream<Arguments> badRequests() {
        return Stream.of(
                arguments("{\"model\":\"bundled\"}", 400, "missing_field", "messages"),
                arguments("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}", 400, "missing_field", "model"),
                arguments(ASKED.replace("bundled", "gpt").formatted(""), 404, "model_not_found", "model"),
                arguments(ASKED.formatted(",\"its\":{\"prm\":\"x\"}"), 404, "model_not_found", "its.prm"),
                arguments(ASKED.formatted(",\"its\":{\"ess_treshold\":1}"), 400, "unknown_field", "its.ess_treshold"),
                arguments(ASKED.formatted(",\"its\":{\"essThreshold\":1}"), 400, "unknown_field", "its.essThreshold"),
                arguments(ASKED.formatted(",\"its\":{\"ess_threshold\":2}"), 400, "out_of_range", "its"),
                arguments(ASKED.formatted(",\"its\":{\"algorithm\":\"x\"}"), 400, "unknown_value", "its.algorithm"),
                arguments(ASKED.formatted(",\"its\":{\"particles\":4}"), 400, "conflicting_fields", "budget"),
                arguments(ASKED.replace(":8", ":0").formatted(""), 400, "out_of_range", "budget"),
                arguments(ASKED.replace(":8", ":\"8\"").formatted(""), 400, "wrong_type", "budget"),
                arguments(ASKED.formatted(",\"n\":0"), 400, "out_of_range", "n"),
                arguments(
                        ASKED.formatted(",\"tools\":[{\"type\":\"function\"}]"), 400, "unsupported_settings", "tools"),
                arguments(ASKED.formatted(",\"stream\":1"), 400, "wrong_type", "stream"),
                arguments(ASKED.formatted(",\"temperature\":-1"), 400, "out_of_range", null),
                arguments(ASKED.replace("user", "assistant").formatted(""), 400, "unknown_value", "messages.0.role"),
                arguments(
                        ASKED.replace("Evaluate 3 + 4.", " ").formatted(""), 400, "empty_prompt", "messages.0.content"),
                arguments("{", 400, "malformed_json", null));
    }

    @ParameterizedTest(name = "{2} {3}")
    @MethodSource("badRequests")
    void errorsHaveAllFourKeys(String body, int status, String code, String param) throws Exception {
        assertError(client.post(CHAT, body), status, code, param);
    }

    @Test
    void errorsOfTheRouterHaveThemToo() throws Exception {
        assertError(client.get("/v1/nothing"), 404, "unknown_path", null);
        assertError(client.get(CHAT), 405, "method_not_allowed", null);
    }

    private static void assertError(HttpResponse<String> response, int status, String code, String param) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        var error = Client.json(response).get("error");
        assertThat(error.fieldNames()).toIterable().containsExactly("message", "type", "param", "code");
        assertThat(error.get("code").textValue()).isEqualTo(code);
        assertThat(error.get("message").textValue()).isNotBlank();
        assertThat(error.get("param").textValue()).isEqualTo(param);
    }
}
