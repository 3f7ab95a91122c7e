package cloudchamber.policy.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeServer.Reply;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.RemoteTokenizer;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.Transcripts;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real vLLM answered, read as steps. */
class TranscriptsTest {
    private static final Transcripts VLLM = new Transcripts(TranscriptsTest.class);
    private static final Map<Integer, String> PIECES = Map.of(7042, " Paris", 30, ".", 198, "\n");
    private static final List<Integer> UNTIL_THE_END = List.of(
            7042, 30, 198, 198, 504, 2988, 314, 42, 216, 34, 32, 33, 40, 29, 32, 33, 29, 34, 34, 216, 33, 34, 42, 33,
            34, 42, 37, 35, 30);

    private final FakeServer server = new FakeServer()
            .on("/v1/models", request -> VLLM.reply("01-models"))
            .on("/version", request -> VLLM.reply("01-version"))
            .on("/tokenize", request -> Reply.json(200, "{\"tokens\":[504,3575,282,4649,314]}"))
            .on("/detokenize", request -> {
                var text = RemoteTokenizer.ids(request.body().path("tokens")).stream()
                        .map(PIECES::get)
                        .collect(Collectors.joining());
                return Reply.json(HttpEndpoint.JSON.createObjectNode().put("prompt", text));
            });

    @AfterEach
    void close() {
        server.close();
    }

    static Stream<Arguments> steps() {
        return Stream.of(
                Arguments.of(
                        "02-stop-str-included",
                        64,
                        "\n\n",
                        " Paris.\n\n",
                        List.of(7042, 30, 198, 198),
                        StepEnd.STEP,
                        StepLimit.NONE),
                Arguments.of(
                        "02-stop-inside-token-included",
                        8,
                        "ari",
                        " Paris",
                        List.of(7042),
                        StepEnd.STEP,
                        StepLimit.NONE),
                Arguments.of("02-eos", 64, "\n\n\n", null, UNTIL_THE_END, StepEnd.END, StepLimit.NONE),
                Arguments.of("02-eos-as-stop-token", 64, "\n\n\n", null, UNTIL_THE_END, StepEnd.END, StepLimit.NONE),
                Arguments.of(
                        "02-stop-str-is-special", 64, "<|im_end|>", null, UNTIL_THE_END, StepEnd.END, StepLimit.NONE),
                Arguments.of(
                        "02-token-ids",
                        16,
                        "\n\n\n",
                        null,
                        UNTIL_THE_END.subList(0, 16),
                        StepEnd.TRUNCATED,
                        StepLimit.STEP_TOKENS),
                Arguments.of(
                        "02-token-ids",
                        24,
                        "\n\n\n",
                        null,
                        UNTIL_THE_END.subList(0, 16),
                        StepEnd.TRUNCATED,
                        StepLimit.CONTEXT));
    }

    @ParameterizedTest(name = "{0} within {1}")
    @MethodSource("steps")
    void endsAreReadAsTheyWereMeant(
            String name, int maxTokens, String stop, String text, List<Integer> ids, StepEnd end, StepLimit limit)
            throws Exception {
        var step = step(name, maxTokens, stop);

        assertThat(step.tokenIds()).isEqualTo(ids);
        assertThat(step.end()).isEqualTo(end);
        assertThat(step.limit()).isEqualTo(limit);
        assertThat(step.text())
                .isEqualTo(
                        text != null
                                ? text
                                : VLLM.body(name)
                                        .path("choices")
                                        .path(0)
                                        .path("text")
                                        .asText());
    }

    static Stream<Arguments> troubles() {
        return Stream.of(
                Arguments.of("02-abort-by-id", Category.BACKEND_UNAVAILABLE),
                Arguments.of("02-prefix-cache-hit-1", Category.BACKEND_INVALID),
                Arguments.of("05-too-long", Category.CONTEXT_OVERFLOW),
                Arguments.of("05-prompt-exactly-2048", Category.CONTEXT_OVERFLOW),
                Arguments.of("05-token-out-of-vocab", Category.INVALID_REQUEST),
                Arguments.of("05-stop-5", Category.INVALID_REQUEST),
                Arguments.of("05-unknown-model", Category.MODEL_UNKNOWN),
                Arguments.of("05-engine-dead", Category.BACKEND_UNAVAILABLE));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @MethodSource("troubles")
    void troubleHasItsCategory(String name, Category category) {
        assertThatThrownBy(() -> step(name, 64, "\n\n"))
                .isInstanceOfSatisfying(
                        RemoteTrouble.class,
                        trouble -> assertThat(trouble.refusal().category()).isEqualTo(category));
    }

    @Test
    void streamIsCutAtItsStopText() throws Exception {
        server.on("/v1/completions", request -> VLLM.reply("02-stream-stop-included"));
        var dialect = OpenAiDialect.completions(endpoint(), new ChatTemplate.Question(), "");
        dialect.describe();

        var step = dialect.extend(request(64, "\n\n")).step();

        assertThat(step.text()).isEqualTo(" Paris.\n\n");
        assertThat(step.end()).isEqualTo(StepEnd.STEP);
        dialect.close();
    }

    @Test
    void logProbabilitiesAreSummedWhereTheyAreOfTheLawReallySampled() throws Exception {
        server.on("/v1/completions", request -> VLLM.reply("06-reference-raw5"));
        double expected = 0;
        for (var value : VLLM.body("06-reference-raw5")
                .path("choices")
                .path(0)
                .path("logprobs")
                .path("token_logprobs")) {
            expected += value.asDouble();
        }
        var dialect = new VllmDialect(endpoint(), new ChatTemplate.Question(), "", true);
        dialect.describe();

        var step = dialect.extend(request(64, "\n\n\n")).step();

        assertThat(step.logProbability()).isEqualTo(expected);
        assertThat(step.logProbabilityTokens()).isEqualTo(UNTIL_THE_END.size() + 1);
        dialect.close();
    }

    private HttpEndpoint endpoint() {
        return new HttpEndpoint(RemoteSettings.at(server.url()));
    }

    private Step step(String name, int maxTokens, String stop) throws InterruptedException {
        server.on("/v1/completions", request -> VLLM.reply(name));
        try (var dialect = new VllmDialect(endpoint(), new ChatTemplate.Question(), "", false)) {
            dialect.describe();
            return dialect.extend(request(maxTokens, stop)).step();
        }
    }

    private static ExtendRequest request(int maxTokens, String stop) {
        return new ExtendRequest(
                new AttemptKey(new StepKey("job", "p", 0, 0, 0, 0, Purpose.EXTEND), 1),
                1,
                "smollm2",
                Prompt.question("The capital of France is"),
                new NodeReference("job", "p", 0),
                List.<PrefixStep>of(),
                Sampling.atTemperature(1),
                1,
                List.of(stop),
                maxTokens,
                1000);
    }
}
