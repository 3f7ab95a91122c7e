package cloudchamber.prm.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.prm.StepScorer;
import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeServer.Misbehaviour;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.RemoteTrouble;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Scores that cannot be are never believed; what comes in the end is the score of an honest server. */
class PrmFaultsTest {
    private static final String JSON = "application/json";

    private FakeServer server = FakePrm.vllm();
    private StepScorer prm;

    @AfterEach
    void close() {
        if (prm != null) {
            prm.close();
        }
        server.close();
    }

    private void connect(int slots) throws InterruptedException {
        var settings = RemoteSettings.at(server.url())
                .withSlots(slots)
                .withTimeouts(Duration.ofSeconds(1), Duration.ofMillis(1))
                .withPatience(Duration.ofSeconds(30));
        prm = RemotePrm.connect("toy", settings, pooling(settings));
    }

    private static ScoreDialect pooling(RemoteSettings settings) {
        return new VllmPooling(
                new HttpEndpoint(settings),
                new PrmFormat.Qwen(ChatTemplate.chatMl(Optional.empty()), true),
                "",
                PrmFormat.Rows.STEPS,
                1);
    }

    private static String data(String rows) {
        return "{\"data\":[{\"index\":0,\"data\":" + rows + "}],\"usage\":{\"prompt_tokens\":3}}";
    }

    static Stream<Arguments> nonsense() {
        return Stream.of(
                Arguments.of("NaN as a word", "[[\"NaN\",1.0],[0.1,0.2]]"),
                Arguments.of("bare NaN", "[[NaN,1.0],[0.1,0.2]]"),
                Arguments.of("infinite", "[[1e999,1.0],[0.1,0.2]]"),
                Arguments.of("null", "[[null,1.0],[0.1,0.2]]"),
                Arguments.of("a text", "[[\"0.9\",\"0.1\"],[0.1,0.2]]"),
                Arguments.of("no rows", "[]"),
                Arguments.of("a row short", "[[0.1,0.2]]"),
                Arguments.of("a row a token", "[[1,2],[1,2],[1,2],[1,2],[1,2],[1,2]]"),
                Arguments.of("three columns", "[[1,2,3],[1,2,3]]"),
                Arguments.of("empty rows", "[[],[]]"),
                Arguments.of("missing", "null"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nonsense")
    void nonsenseIsAskedForAgainAndRefusedWhenItLasts(String name, String rows) throws Exception {
        connect(4);
        var honest = logOdds(score("a\n\n", "b\n\n"));
        server.next(FakeServer.says(JSON, data(rows)));

        assertThat(logOdds(score("c\n\n", "d\n\n"))).hasSize(2).isNotEqualTo(honest);

        server.next(FakeServer.says(JSON, data(rows)), FakeServer.says(JSON, data(rows)));
        assertThat(refusal(score("e\n\n", "f\n\n"))).isEqualTo(Category.BACKEND_INVALID);
        assertThat(logOdds(score("e\n\n", "f\n\n"))).hasSize(2);
    }

    static Stream<Arguments> passing() {
        return Stream.of(
                Arguments.of("429", FakeServer.status(429)),
                Arguments.of("500", FakeServer.status(500)),
                Arguments.of("502 in HTML", FakeServer.html()),
                Arguments.of("hangs", FakeServer.hang()),
                Arguments.of("half a body", FakeServer.halfABody()),
                Arguments.of("no JSON", FakeServer.says(JSON, "{")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("passing")
    void troubleThatPassesChangesNoScore(String name, Misbehaviour fault) throws Exception {
        connect(4);
        server.next(fault);
        var after = logOdds(score("a\n\n", "b\n\n"));

        prm.close();
        connect(4);

        assertThat(logOdds(score("a\n\n", "b\n\n"))).isEqualTo(after);
    }

    @Test
    void serverThatScoresTokensOrNothingIsFoundOutAtTheStart() {
        for (var rows : List.of("[]", "[[1,2],[1,2],[1,2],[1,2]]")) {
            server.on("/pooling", request -> FakeServer.Reply.json(200, data(rows)));
            assertThatThrownBy(() -> connect(4))
                    .isInstanceOf(RemoteTrouble.class)
                    .hasMessageContaining("a score for each of 2 steps");
        }
    }

    @Test
    void rawValuesAreAskedForAndProbabilitiesAreReadWhereTheyAreAllThereIs() throws Exception {
        connect(4);
        var raw = logOdds(score("a\n\n", "b\n\n"));
        prm.close();
        server.close();
        server = FakePrm.vllm(false);
        connect(4);

        var rounded = logOdds(score("a\n\n", "b\n\n"));

        for (int step = 0; step < 2; step++) {
            assertThat(rounded.get(step)).isCloseTo(raw.get(step), within(1e-9));
        }
        server.next(
                FakeServer.says(JSON, data("[[0.5,1.7],[0.5,0.5]]")), FakeServer.says(JSON, data("[[-3,4],[0,1]]")));
        assertThat(refusal(score("c\n\n", "d\n\n"))).isEqualTo(Category.BACKEND_INVALID);
    }

    @Test
    void equalPrefixesAreScoredOnceAndDifferentOnesTogether() throws Exception {
        connect(1);
        server.next(FakeServer.late(300));
        var before = server.received("/pooling").size();

        var futures = IntStream.range(0, 60)
                .mapToObj(lease -> prm.run(request(lease, "a\n\n", "b" + lease % 6 + "\n\n")))
                .toList();
        var scores = futures.stream()
                .map(future -> logOdds(future.orTimeout(60, TimeUnit.SECONDS).join()))
                .toList();

        assertThat(scores.stream().distinct()).hasSize(6);
        var inputs = server.received("/pooling").stream()
                .skip(before)
                .mapToInt(received -> received.body().path("input").size())
                .toArray();
        assertThat(IntStream.of(inputs).sum()).isEqualTo(6);
        assertThat(inputs.length).isLessThan(6);
    }

    @Test
    void badPrefixInABatchCostsItselfAlone() throws Exception {
        connect(1);
        server.next(FakeServer.late(300));

        var good = IntStream.range(0, 4)
                .mapToObj(lease -> prm.run(request(lease, "a" + lease + "\n\n")))
                .toList();
        var bad = prm.run(request(9, "a".repeat(3000)));

        good.forEach(future -> assertThat(
                        logOdds(future.orTimeout(60, TimeUnit.SECONDS).join()))
                .hasSize(1));
        assertThat(refusal(bad.orTimeout(60, TimeUnit.SECONDS).join())).isEqualTo(Category.CONTEXT_OVERFLOW);
    }

    @Test
    void markerInAStepIsTextAndNoMarker() throws Exception {
        connect(4);

        assertThat(logOdds(score("I write <extra_0> here\n\n", "b\n\n"))).hasSize(2);
    }

    // ---- requests

    private static ScoreRequest request(long lease, String... steps) {
        return new ScoreRequest(
                new AttemptKey(new StepKey("job", "p", 0, 0, steps.length, 0, Purpose.SCORE), 1),
                lease,
                "toy",
                Prompt.question("What is it?"),
                new NodeReference("job", "p", steps.length),
                Arrays.stream(steps)
                        .map(text -> new PrefixStep(text, List.of()))
                        .toList());
    }

    private ScoreResult score(String... steps) {
        return prm.run(request(1, steps)).orTimeout(120, TimeUnit.SECONDS).join();
    }

    private static List<Double> logOdds(ScoreResult result) {
        assertThat(result).isInstanceOf(ScoreResult.PrefixScored.class);
        return ((ScoreResult.PrefixScored) result).logOdds();
    }

    private static Category refusal(ScoreResult result) {
        assertThat(result).isInstanceOf(ScoreResult.NotScored.class);
        return ((ScoreResult.NotScored) result).refusal().category();
    }
}
