package cloudchamber.policy.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.prompt.RenderedPrompt;
import cloudchamber.protocol.grpc.vllm.GenerateComplete;
import cloudchamber.protocol.grpc.vllm.GenerateResponse;
import cloudchamber.protocol.grpc.vllm.SchedulerLoad;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.grpc.GrpcChannel;
import cloudchamber.worker.remote.FakeVllmGrpc;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.ToyModel;
import cloudchamber.worker.remote.ToyServer;
import cloudchamber.worker.remote.ToyVocabulary;
import cloudchamber.worker.remote.Vocabulary;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Context;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class VllmGrpcPolicyTest extends RemotePolicyContract {
    private FakeVllmGrpc vllm;

    @Override
    ToyServer server() {
        vllm = new FakeVllmGrpc();
        return vllm;
    }

    @Override
    PolicyDialect dialect(RemoteSettings settings) {
        return dialect(settings, new ToyVocabulary(), false);
    }

    private static PolicyDialect dialect(RemoteSettings settings, Vocabulary vocabulary, boolean logProbabilities) {
        return new VllmGrpcDialect(
                new GrpcChannel(settings), new ChatTemplate.Question(), vocabulary, logProbabilities);
    }

    private RemoteSettings settings() {
        return RemoteSettings.at(vllm.url()).withPatience(Duration.ofSeconds(20));
    }

    @Test
    void particleIsContinuedByItsTokenIdsAndTheRequestSaysEverythingItMeans() {
        var prefix = List.of(new PrefixStep("one\n\n", List.of(111, 110, 101, 10, 10)));

        run(request(7, prefix));

        var sent = vllm.received().getLast();
        var ids = sent.getTokenized().getInputIdsList();
        assertThat(ids.getFirst()).isEqualTo(ToyModel.BEGINNING);
        assertThat(ids.subList(ids.size() - 5, ids.size())).containsExactly(111, 110, 101, 10, 10);
        var sampling = sent.getSamplingParams();
        assertThat(sampling.hasSeed()).isTrue();
        assertThat(sampling.getMaxTokens()).isEqualTo(MAX_STEP_TOKENS);
        assertThat(sampling.getTemperature()).isEqualTo(1);
        assertThat(sampling.getTopP()).isEqualTo(1);
        assertThat(sampling.getRepetitionPenalty()).isEqualTo(1);
        assertThat(sampling.getN()).isEqualTo(1);
        assertThat(sampling.getStopList()).containsExactly("\n\n");
        assertThat(sent.getStream()).isFalse();
    }

    @Test
    void logProbabilitiesAreToldWhereTheyAreOfTheLawReallySampled() throws Exception {
        try (var dialect = dialect(settings(), new ToyVocabulary(), true)) {
            var step = dialect.extend(request(1, List.of())).step();

            assertThat(step.logProbabilityTokens()).isPositive();
            assertThat(step.logProbability()).isEqualTo(-0.5 * step.logProbabilityTokens());
            var other = request(1, List.of());
            var colder = new ExtendRequest(
                    other.key(),
                    other.lease(),
                    other.model(),
                    other.prompt(),
                    other.parent(),
                    other.prefix(),
                    Sampling.atTemperature(0.8),
                    other.seed(),
                    other.stops(),
                    other.maxStepTokens(),
                    other.maxTokens());
            assertThat(dialect.extend(colder).step().logProbabilityTokens()).isZero();
        }
    }

    @Test
    void aServerWithAnotherVocabularyIsFoundOutAtTheStart() {
        var shifted = new Vocabulary() {
            @Override
            public List<Integer> encode(RenderedPrompt prompt) {
                return ToyModel.tokens(prompt.text());
            }

            @Override
            public List<Integer> encode(String text) {
                return ToyModel.tokens(text);
            }

            @Override
            public String decode(List<Integer> tokens) {
                return ToyModel.text(tokens.stream().map(token -> token ^ 1).toList());
            }

            @Override
            public void close() {}
        };

        assertThatThrownBy(() -> RemotePolicy.connect("toy", settings(), dialect(settings(), shifted, false)))
                .isInstanceOfSatisfying(
                        RemoteTrouble.class,
                        trouble -> assertThat(trouble.refusal().category()).isEqualTo(Category.MODEL_UNKNOWN))
                .hasMessageContaining("vocabulary");
    }

    // ---- what goes wrong

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL", "UNKNOWN", "ABORTED", "DATA_LOSS"})
    void troubleThatPassesIsTriedAgainWithTheSameSeed(Status.Code code) {
        var request = request(3, List.of());
        var honest = step(run(request));
        vllm.next((asked, answer) -> answer.onError(code.toStatus().asRuntimeException()));

        assertThat(step(run(request))).isEqualTo(honest);
        var seeds = vllm.received().reversed().stream()
                .limit(3)
                .map(asked -> asked.getSamplingParams().getSeed())
                .distinct();
        assertThat(seeds).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"abort", "error", "nonsense", "''"})
    void anEndThatIsNoneIsTriedAgain(String reason) {
        var request = request(4, List.of());
        var honest = step(run(request));
        vllm.next((asked, answer) -> FakeVllmGrpc.one(
                answer,
                GenerateResponse.newBuilder()
                        .setComplete(GenerateComplete.newBuilder().setFinishReason(reason))
                        .build()));

        assertThat(step(run(request))).isEqualTo(honest);
    }

    @Test
    void noAnswerAndTwoAnswersAreRefusedTypedAndTooManyTokensAreCut() {
        var two = GenerateResponse.newBuilder()
                .setComplete(GenerateComplete.newBuilder().setFinishReason("length"))
                .build();
        var tooLong = GenerateComplete.newBuilder().setFinishReason("length");
        for (int token = 0; token <= MAX_STEP_TOKENS; token++) {
            tooLong.addOutputIds('a');
        }
        for (int tries = 0; tries < 2; tries++) {
            vllm.next((asked, answer) -> answer.onCompleted());
        }
        assertInvalid(run(request(1, List.of())));
        for (int tries = 0; tries < 2; tries++) {
            vllm.next((asked, answer) -> {
                answer.onNext(two);
                FakeVllmGrpc.one(answer, two);
            });
        }
        assertInvalid(run(request(1, List.of())));
        vllm.next((asked, answer) -> FakeVllmGrpc.one(
                answer, GenerateResponse.newBuilder().setComplete(tooLong).build()));
        assertThat(step(run(request(1, List.of()))).tokenIds()).hasSize(MAX_STEP_TOKENS);
    }

    private static void assertInvalid(ExtendResult result) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        ExtendResult.NotExtended.class,
                        refused -> assertThat(refused.refusal().category()).isEqualTo(Category.BACKEND_INVALID));
    }

    @Test
    void cancellingReachesTheServer() throws Exception {
        var asked = new CountDownLatch(1);
        var cancelled = new CountDownLatch(1);
        try (var policy = RemotePolicy.connect("toy", settings(), dialect(settings()))) {
            vllm.next((request, answer) -> {
                Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
                asked.countDown();
            });
            var future = policy.run(request(1, List.of()));
            asked.await();

            future.cancel(false);

            await().atMost(Duration.ofSeconds(30)).until(() -> cancelled.getCount() == 0);
        }
    }

    @Test
    void theServersLoadIsRead() throws Exception {
        try (var dialect = dialect(settings())) {
            vllm.says(SchedulerLoad.newBuilder()
                    .setNumRunningReqs(16)
                    .setNumWaitingReqs(9)
                    .setTokenUsage(0.011)
                    .build());

            var load = dialect.load().orElseThrow();

            assertThat(load.running()).isEqualTo(16);
            assertThat(load.queued()).isEqualTo(9);
            assertThat(load.cacheUsage()).hasValue(0.011);
        }
    }

    // ---- what a real vLLM answered

    private static final List<Integer> UNTIL_THE_END = List.of(
            7042, 30, 198, 198, 504, 2988, 314, 42, 216, 34, 32, 33, 40, 29, 32, 33, 29, 34, 34, 216, 33, 34, 42, 33,
            34, 42, 37, 35, 30);

    @ParameterizedTest
    @CsvSource({
        "Generate tokenized, 8, TRUNCATED, STEP_TOKENS, 8",
        "Generate tokenized, 24, TRUNCATED, CONTEXT, 8",
        "Generate stop string, 32, STEP, NONE, 4",
        "Generate eos, 64, END, NONE, 29",
    })
    void endsAreReadAsTheyWereMeant(String name, int maxTokens, StepEnd end, StepLimit limit, int tokens)
            throws Exception {
        try (var dialect = dialect(settings(), new IdsAsText(), false)) {
            vllm.next((asked, answer) -> FakeVllmGrpc.one(answer, recorded(name)));

            var extension = dialect.extend(request(1, List.of(), maxTokens, 1000));

            assertThat(extension.step().tokenIds()).isEqualTo(UNTIL_THE_END.subList(0, tokens));
            assertThat(extension.step().end()).isEqualTo(end);
            assertThat(extension.step().limit()).isEqualTo(limit);
            assertThat(extension.usage().promptTokens()).isEqualTo(5);
        }
    }

    @Test
    void anEndByATokenIsTheEndOfTheSequence() throws Exception {
        try (var dialect = dialect(settings(), new IdsAsText(), false)) {
            vllm.next((asked, answer) -> FakeVllmGrpc.one(answer, recorded("Generate stop id")));

            var step = dialect.extend(request(1, List.of(), 32, 1000)).step();

            assertThat(step.end()).isEqualTo(StepEnd.END);
            assertThat(step.tokenIds()).containsExactly(7042, 30);
        }
    }

    @Test
    void aPromptThatIsTooLongIsSaidInTheServersWords() throws Exception {
        try (var dialect = dialect(settings())) {
            vllm.next((asked, answer) -> answer.onError(Status.INVALID_ARGUMENT
                    .withDescription(
                            "The decoder prompt (length 2100) is longer than the maximum model length of 2048. Make sure"
                                    + " that `max_model_len` is no smaller than the number of text tokens.")
                    .asRuntimeException()));

            assertThatThrownBy(() -> dialect.extend(request(1, List.of())))
                    .isInstanceOfSatisfying(
                            RemoteTrouble.class,
                            trouble -> assertThat(trouble.refusal().category()).isEqualTo(Category.CONTEXT_OVERFLOW));
        }
    }

    /** Stands for a vocabulary of which only the ids matter. */
    private static final class IdsAsText implements Vocabulary {
        @Override
        public List<Integer> encode(RenderedPrompt prompt) {
            return List.of(504, 3575, 282, 4649, 314);
        }

        @Override
        public List<Integer> encode(String text) {
            return List.of();
        }

        @Override
        public String decode(List<Integer> tokens) {
            return tokens.toString();
        }

        @Override
        public void close() {}
    }

    /** The answer in {@code vllm-grpc.txt} under a heading. */
    private static GenerateResponse recorded(String name) {
        try (var stream = VllmGrpcPolicyTest.class.getResourceAsStream("vllm-grpc.txt")) {
            var lines = new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            int heading = lines.indexOf("== " + name);
            var marker = "response GenerateResponse: ";
            var line = lines.subList(heading + 1, lines.size()).stream()
                    .filter(said -> said.startsWith(marker))
                    .findFirst()
                    .orElseThrow();
            var answer = GenerateResponse.newBuilder();
            JsonFormat.parser().ignoringUnknownFields().merge(line.substring(marker.length()), answer);
            return answer.build();
        } catch (InvalidProtocolBufferException otherwise) {
            throw new IllegalStateException(otherwise);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
