package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.coordinator.problem.ProblemState;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.models.RemoteModelConfig;
import cloudchamber.models.RemoteModels;
import cloudchamber.policy.ScriptedGenerator;
import cloudchamber.policy.StepGenerator;
import cloudchamber.policy.ThinkingBudget;
import cloudchamber.policy.grpc.PolicyService;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Thinking;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.worker.grpc.GrpcServer;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeServers;
import cloudchamber.worker.remote.FakeVllm;
import cloudchamber.worker.remote.FakeVllmGrpc;
import cloudchamber.worker.remote.ScriptedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every method finds the same answer in what a real chat model writes, on every kind of server and in place of the engine. */
class AnswersOfServersTest {
    private static final String ENGINE = "engine";
    private static final String THINKING_CHAT = "thinking chat";
    private static final String THOUGHT =
            "<think>\nMaybe it is \\boxed{3}?\n\nNo, that is wrong.\n</think>\n\nWe add 2 and 2.\n\n\\boxed{4}";

    /** A text, and its answer. */
    private static final Map<String, String> TABLE = table();

    private final List<AutoCloseable> open = new ArrayList<>();

    private static Map<String, String> table() {
        var table = new LinkedHashMap<String, String>();
        table.put(
                "#### Step 1: Understand the problem\n\nWe add 2 and 2.\n\n#### Step 2: Add\n\nSo it is \\boxed{4}.",
                "4");
        table.put(THOUGHT, "4");
        table.put("We put our answer in \\boxed{answer}.\n\nSo we add.\n\n\\boxed{4}", "4");
        table.put("First, x = \\boxed{1}\n\nand y = \\boxed{2}", "2");
        return table;
    }

    static Stream<String> kinds() {
        return Stream.concat(RemoteModels.POLICY_KINDS.stream(), Stream.of(ENGINE, THINKING_CHAT));
    }

    @AfterEach
    void close() throws Exception {
        for (var each : open.reversed()) {
            each.close();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyMethodFindsTheSameAnswer(String kind) throws Exception {
        for (var row : TABLE.entrySet()) {
            var policy = policy(kind, row.getKey());
            for (var method : Methods.standard()) {
                var ended = run(specification(method, Thinking.FREE), policy);

                assertThat(ended.failure()).as("%s, %s", kind, method.id()).isEmpty();
                var outcome = Alone.method(ended).outcome().orElseThrow();
                assertThat(outcome.answer())
                        .as("%s, %s: %s", kind, method.id(), row.getKey())
                        .isEqualTo(row.getValue());
                assertThat(outcome.posterior())
                        .extracting(Outcome.AnswerWeight::answer)
                        .containsExactly(row.getValue());
                assertThat(Alone.texts(ended)).containsOnly(row.getKey());
            }
        }
    }

    /** A budget that is over closes the thought; the model says its text behind that. */
    @ParameterizedTest
    @MethodSource("kinds")
    void thoughtsHaveABudget(String kind) throws Exception {
        var policy = policy(kind, THOUGHT);
        for (var method : Methods.standard()) {
            var ended = run(specification(method, new Thinking(20, true)), policy);

            assertThat(ended.failure()).as("%s, %s", kind, method.id()).isEmpty();
            assertThat(Alone.texts(ended))
                    .allSatisfy(text -> assertThat(text).contains("</think>").startsWith("<think>\n"));
        }
    }

    @Test
    void aServerThatOpensANewTurnAtEachStepIsToldByTheJobAndServesWholeGenerations() throws Exception {
        var server = new ScriptedModel("One, two, three.\n\nFour, five, six.\n\n\\boxed{4}").newTurns();
        open.add(server);
        var policy = remote("openai-chat:" + server.url());

        var stepwise = run(specification(ParticleFilterSettings.standard(), Thinking.FREE), policy);
        assertThat(stepwise.status()).isEqualTo(ProblemStatus.FAILED);
        assertThat(stepwise.failure()).contains("INVALID_REQUEST").contains("opens a new turn");

        var whole = run(specification(Methods.standard().get(3), Thinking.FREE), policy);
        assertThat(Alone.method(whole).outcome().orElseThrow().answer()).isEqualTo("4");
    }

    @Test
    void aServerThatOpensANewTurnAtEachStepIsToldByTheCheck() {
        var server = new ScriptedModel("One, two, three.\n\nFour, five, six.\n\n\\boxed{4}");
        assertThat(check(server.newTurns()))
                .matches(said -> said.exit() == 1 && said.report().contains("\"sane\":false"));
        assertThat(check(server.newTurns()).report()).contains("opens a new turn");
        assertThat(check(FakeServers.openAi(server)))
                .matches(said -> said.exit() == 0 && said.report().contains("\"sane\":true"));
    }

    private record Said(int exit, String report) {}

    private Said check(FakeServer server) {
        open.add(server);
        var out = new StringWriter();
        int exit = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .execute("backend", "check", "--json", "openai-chat:" + server.url());
        return new Said(exit, out.toString());
    }

    @Test
    void aThoughtThatWasCutHasNoAnswer() throws Exception {
        var policy = policy(ENGINE, "<think>\nMaybe \\boxed{3}, or");
        for (var method : Methods.standard()) {
            var ended = run(specification(method, Thinking.FREE), policy);

            assertThat(Alone.method(ended).outcome().orElseThrow().answer())
                    .as(method.id())
                    .isNull();
        }
    }

    // ---- runs

    private static ProblemState.Ended run(ProblemSpecification specification, StepGenerator policy) {
        return Alone.run(specification, policy::run, AnswersOfServersTest::score);
    }

    private static CompletableFuture<ScoreResult> score(ScoreRequest request) {
        return CompletableFuture.completedFuture(
                new ScoreResult.PrefixScored(request.key(), request.lease(), List.of(1.0), Usage.NONE));
    }

    private static ProblemSpecification specification(MethodSettings method, Thinking thinking) {
        return new ProblemSpecification(
                        "job",
                        "p1",
                        Prompt.question("What is 2 + 2?"),
                        method,
                        "policy",
                        "prm",
                        Sampling.atTemperature(1),
                        new Limits(20, 256, 1024),
                        List.of("\n\n"),
                        7,
                        "math",
                        1)
                .withParticles(EndAtAnswer.NEVER, thinking);
    }

    // ---- policies

    private StepGenerator policy(String kind, String text) throws IOException {
        var script = new ScriptedModel(text);
        return switch (kind) {
            case ENGINE -> new ThinkingBudget(new ScriptedGenerator(text));
            case "grpc" -> {
                var server = GrpcServer.start(0, List.of(new PolicyService(new ScriptedGenerator(text))));
                open.add(server);
                yield remote("grpc:http://127.0.0.1:" + server.port());
            }
            case THINKING_CHAT ->
                remote("openai-chat:" + opened(script.thinkingChat()).url());
            case "openai-chat" ->
                remote(kind + ":" + opened(FakeServers.openAi(script)).url());
            case "vllm-grpc" -> {
                var tokenizer = FakeVllm.start(script);
                open.add(tokenizer);
                var server = new FakeVllmGrpc(script);
                open.add(server);
                yield remote(kind + ":" + server.url() + "?template=question&tokenizer=" + tokenizer.url());
            }
            default -> remote(kind + ":" + opened(server(kind, script)).url() + "?template=question");
        };
    }

    private static FakeServer server(String kind, ScriptedModel script) {
        return switch (kind) {
            case "vllm" -> FakeVllm.start(script);
            case "openai" -> FakeServers.openAi(script);
            case "sglang" -> FakeServers.sglang(script);
            case "llama-server" -> FakeServers.llamaServer(script);
            default -> throw new IllegalArgumentException("a scripted server must be of a known kind: was " + kind);
        };
    }

    private FakeServer opened(FakeServer server) {
        open.add(server);
        return server;
    }

    private StepGenerator remote(String spelled) {
        var policy = new ThinkingBudget(
                RemoteModels.policy(RemoteModelConfig.find(spelled).orElseThrow()));
        open.add(policy);
        return policy;
    }
}
