package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.client.ApiClient;
import cloudchamber.worker.remote.ScriptedModel;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** A server that thinks, through a whole node: jobs, live events, export, and the chat API. */
class ThinkingServerTest {
    private static final String TEXT =
            "<think>\nMaybe it is \\boxed{3}?\n\nNo, that is wrong.\n</think>\n\nWe add 2 and 2.\n\n\\boxed{4}";
    private static final String THOUGHT = "Maybe it is \\boxed{3}?\n\nNo, that is wrong.";
    private static final String SAID = "We add 2 and 2.\n\n\\boxed{4}";

    @Test
    void thoughtsAreKeptShownApartAndNeverGraded() throws Exception {
        try (var server = new ScriptedModel(TEXT).thinkingChat();
                var node = Program.Node.start(
                        "--policy", "openai-chat:" + server.url() + "?name=thinker", "--http-port", "0")) {
            var api = new ApiClient(node.url());
            for (var method : List.of("particle-filter", "beam-search", "best-of-n")) {
                var job = ApiClient.JSON
                        .createObjectNode()
                        .put("policy", "thinker")
                        .put("seed", 3);
                job.putObject("method").put("id", method).put("particles", 4);
                job.putObject("templateArguments").put("enable_thinking", true);
                job.putArray("problems").addObject().put("id", "p1").put("question", "What is 2 + 2?");
                var id = api.submit(job);
                assertThat(api.await(id, seen -> {}).path("status").asText())
                        .as(method)
                        .isEqualTo("succeeded");

                var solved = api.problem(id, "p1");
                assertThat(solved.path("answer").asText()).isEqualTo("4");
                assertThat(solved.path("posterior")).hasSize(1);
                assertThat(thoughts(solved.path("particles").path(0).path("steps")))
                        .isEqualTo("<think>\n" + THOUGHT + "\n</think>");

                var exported = new ArrayList<JsonNode>();
                try (var lines = api.export(id)) {
                    for (var line : lines.toList()) {
                        exported.add(ApiClient.JSON.readTree(line));
                    }
                }
                assertThat(exported)
                        .filteredOn(line -> line.path("kind").asText().equals("step")
                                && line.path("depth").asInt() == 1)
                        .isNotEmpty()
                        .allSatisfy(line -> assertThat(line.path("thoughts")
                                        .path(0)
                                        .path("start")
                                        .asInt())
                                .isZero());

                var live = new ArrayList<JsonNode>();
                api.follow(id, "p1", (event, data) -> live.add(data));
                assertThat(live).anyMatch(data -> data.findValue("thoughts") != null);
            }
            assertThat(server.received("/v1/chat/completions"))
                    .anyMatch(request -> request.body()
                            .path("chat_template_kwargs")
                            .path("enable_thinking")
                            .asBoolean());
            assertThat(server.received("/v1/chat/completions"))
                    .anyMatch(request -> request.body()
                            .path("messages")
                            .path(1)
                            .path("reasoning_content")
                            .asText()
                            .equals(THOUGHT));
            chat(api);
        }
    }

    private static void chat(ApiClient api) {
        var asked = ApiClient.JSON.createObjectNode().put("model", "thinker").put("budget", 4);
        asked.putArray("messages").addObject().put("role", "user").put("content", "What is 2 + 2?");
        var message = api.postPatiently("/v1/chat/completions", asked)
                .path("choices")
                .path(0)
                .path("message");
        assertThat(message.path("content").asText()).isEqualTo(SAID);
        assertThat(message.path("reasoning_content").asText()).isEqualTo(THOUGHT);
    }

    /** What of the steps is thought, by the places they name. */
    private static String thoughts(JsonNode steps) {
        var thoughts = new StringBuilder();
        StreamSupport.stream(steps.spliterator(), false)
                .forEach(step -> step.path("thoughts")
                        .forEach(span -> thoughts.append(
                                step.path("text").asText(),
                                span.path("start").asInt(),
                                span.path("end").asInt())));
        return thoughts.toString();
    }
}
