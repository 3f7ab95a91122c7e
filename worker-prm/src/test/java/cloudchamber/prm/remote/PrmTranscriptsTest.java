package cloudchamber.prm.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prm.remote.ScoreDialect.Asked;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeServer.Reply;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.Transcripts;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real vLLM answered, read as scores. */
class PrmTranscriptsTest {
    private static final Transcripts VLLM = new Transcripts(PrmTranscriptsTest.class);
    private static final Asked THREE_STEPS =
            new Asked(Prompt.question("How many?"), List.of("Sam has 3 apples.", "He buys 2 more.", "He has 5."));
    private static final Asked ONE_STEP = new Asked(Prompt.question("How many?"), List.of("He has 5."));

    private static final String MODEL = "prm-step";

    private final FakeServer server = new FakeServer().on("/v1/models", request -> VLLM.reply("07-prm-models"));

    @AfterEach
    void close() {
        server.close();
    }

    private HttpEndpoint endpoint() {
        return new HttpEndpoint(RemoteSettings.at(server.url()));
    }

    private void pooling(String raw, String activated) {
        server.on(
                "/pooling",
                request -> VLLM.reply(request.body().path("use_activation").asBoolean() ? activated : raw, MODEL));
    }

    private VllmPooling qwen() throws InterruptedException {
        var dialect = new VllmPooling(
                endpoint(),
                new PrmFormat.Qwen(ChatTemplate.chatMl(Optional.empty()), true),
                "",
                PrmFormat.Rows.STEPS,
                1);
        dialect.describe();
        return dialect;
    }

    @Test
    void rawLogitsBecomeLogOddsThatTheirProbabilitiesCouldNotTell() throws Exception {
        pooling("07-prm-step-raw", "07-prm-task-token_classify");

        var logOdds = qwen().score(List.of(THREE_STEPS)).getFirst().logOdds();

        assertThat(logOdds)
                .containsExactly(
                        0.5972230434417725 - -18.546112060546875,
                        -0.7280349135398865 - -14.025262832641602,
                        -1.4989042282104492 - -15.570980072021484);
    }

    @Test
    void serverWithoutTheSwitchIsReadByItsProbabilities() throws Exception {
        pooling("07-prm-task-token_classify", "07-prm-task-token_classify");

        var dialect = qwen();

        assertThat(dialect.exactness()).isEqualTo("rounded-probabilities");
        assertThat(dialect.score(List.of(THREE_STEPS)).getFirst().logOdds().get(1))
                .isCloseTo(Math.log(0.9999983310699463 / 1.6791387906778255e-06), within(1e-12));
    }

    static Stream<Arguments> troubles() {
        return Stream.of(
                Arguments.of("07-prm-all-default", Category.BACKEND_INVALID),
                Arguments.of("07-prm-default-config-no-step-tag", Category.BACKEND_INVALID),
                Arguments.of("07-prm-step-batch", Category.BACKEND_INVALID),
                Arguments.of("07-rm-default", Category.BACKEND_INVALID),
                Arguments.of("07-prm-too-long", Category.CONTEXT_OVERFLOW),
                Arguments.of("07-prm-task-classify", Category.INVALID_REQUEST));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @MethodSource("troubles")
    void answerThatIsNoScoreOfTheseStepsIsTrouble(String name, Category category) throws Exception {
        pooling("07-prm-step-raw", "07-prm-task-token_classify");
        var dialect = qwen();
        pooling(name, name);

        assertThatThrownBy(() -> dialect.score(List.of(THREE_STEPS)))
                .isInstanceOfSatisfying(
                        RemoteTrouble.class,
                        trouble -> assertThat(trouble.refusal().category()).isEqualTo(category));
    }

    /** Recorded from three servers: scores of one model must not be taken for another's. */
    @Test
    void repliesOfAnotherModelAreRefused() throws Exception {
        pooling("07-prm-step-raw", "07-prm-task-token_classify");
        var dialect = qwen();
        dialect.score(List.of(THREE_STEPS));
        server.on("/pooling", request -> VLLM.reply("07-prm-all-default"));

        assertThatThrownBy(() -> dialect.score(List.of(THREE_STEPS)))
                .isInstanceOfSatisfying(RemoteTrouble.class, trouble -> {
                    assertThat(trouble.refusal().category()).isEqualTo(Category.MODEL_UNKNOWN);
                    assertThat(trouble.refusal().detail())
                            .contains("[prm-step]")
                            .contains("[prm-all]");
                });
    }

    @Test
    void labelsAreComparedByTheirLogProbabilities() throws Exception {
        server.on(
                        "/tokenize",
                        request -> Reply.json(
                                200,
                                request.body().path("prompt").asText().equals("+")
                                        ? "{\"tokens\":[1232]}"
                                        : "{\"tokens\":[731]}"))
                .on("/v1/completions", request -> VLLM.reply("04-logprob-token-ids-astokids"));
        var dialect = new VllmLabels(
                endpoint(), new PrmFormat.Rlhflow(ChatTemplate.byId("llama-3.1").orElseThrow()), "", "+", "-");
        dialect.describe();

        assertThat(dialect.score(List.of(ONE_STEP)).getFirst().logOdds())
                .containsExactly(-3.537179470062256 - -4.060862064361572);
        var sent = server.received("/v1/completions").getLast().body();
        assertThat(sent.path("logprob_token_ids")).hasToString("[1232,731]");
        assertThat(sent.path("max_tokens").asInt()).isOne();
    }

    @Test
    void classesOfASequenceAreComparedRaw() throws Exception {
        server.on("/classify", request -> VLLM.reply("07-seqcls-classify-raw"));
        var dialect = new Classifying(
                endpoint(),
                new PrmFormat.Conversation(ChatTemplate.chatMl(Optional.empty())),
                "",
                Classifying.Server.VLLM);
        dialect.describe();

        var answers = dialect.score(List.of(ONE_STEP, THREE_STEPS));

        assertThat(answers.get(0).logOdds()).containsExactly(-1.0518391132354736 - 0.5926167964935303);
        assertThat(answers.get(1).logOdds()).containsExactly(-9.575297355651855 - -19.071500778198242);
        server.on("/classify", request -> VLLM.reply("07-tokcls-classify"));
        assertThatThrownBy(() -> dialect.score(List.of(ONE_STEP))).isInstanceOf(RemoteTrouble.class);
    }
}
