package cloudchamber.policy.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.policy.StepGenerator;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Secret;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeServer.Misbehaviour;
import cloudchamber.worker.remote.FakeServers;
import cloudchamber.worker.remote.FakeVllm;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that misbehave cost time, never a step: what comes in the end is what an honest server would have said. */
class FaultsTest {
    private static final String JSON = "application/json";
    private static final long MEGABYTE = 1 << 20;

    private FakeServer server = FakeVllm.start();
    private StepGenerator policy;

    @AfterEach
    void close() {
        if (policy != null) {
            policy.close();
        }
        server.close();
    }

    private RemoteSettings settings() {
        return RemoteSettings.at(server.url())
                .withSlots(4)
                .withTimeouts(Duration.ofSeconds(1), Duration.ofMillis(1))
                .withMaxResponseBytes((int) MEGABYTE)
                .withPatience(Duration.ofSeconds(30));
    }

    private void connect(RemoteSettings settings) throws InterruptedException {
        policy = RemotePolicy.connect(
                "toy", settings, new VllmDialect(new HttpEndpoint(settings), new ChatTemplate.Question(), "", false));
    }

    static Stream<Arguments> passing() {
        return Stream.of(
                Arguments.of("429", FakeServer.status(429)),
                Arguments.of("503", FakeServer.status(503)),
                Arguments.of("500", FakeServer.status(500)),
                Arguments.of("502 in HTML", FakeServer.html()),
                Arguments.of("hangs", FakeServer.hang()),
                Arguments.of("headers, then hangs", FakeServer.headersThenHang()),
                Arguments.of("a byte now and then", FakeServer.drip(50)),
                Arguments.of("half a body", FakeServer.halfABody()),
                Arguments.of("no JSON", FakeServer.says(JSON, "{\"choices\": [")),
                Arguments.of("an empty body", FakeServer.says(JSON, "")),
                Arguments.of("HTML as 200", FakeServer.says("text/html", "<html></html>")),
                Arguments.of("other JSON", FakeServer.says(JSON, "{\"object\":\"list\"}")),
                Arguments.of("no token ids", FakeServer.says(JSON, choice("\"x\"", "null", "stop"))),
                Arguments.of("ids that are none", FakeServer.says(JSON, choice("\"x\"", "[1.5]", "stop"))),
                Arguments.of("no end", FakeServer.says(JSON, choice("\"x\"", "[97]", "whatever"))),
                Arguments.of("aborted", FakeServer.says(JSON, choice("\"x\"", "[97]", "abort"))),
                Arguments.of("100 MB", FakeServer.endless(JSON, "x".repeat(65536), 100 * MEGABYTE)),
                Arguments.of("a redirect", FakeServer.redirect("http://127.0.0.1:9/")));
    }

    private static String choice(String text, String ids, String reason) {
        return "{\"choices\":[{\"text\":" + text + ",\"token_ids\":" + ids + ",\"finish_reason\":\"" + reason
                + "\",\"stop_reason\":null}],\"usage\":{}}";
    }

    private static String ids(int count) {
        return Collections.nCopies(count, 97).toString();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("passing")
    void requestIsTriedAgainWithTheSameSeedAndGivesTheSameStep(String name, Misbehaviour fault) throws Exception {
        connect(settings());
        var honest = step(run(request(1)));
        server.next(fault);

        assertThat(step(run(request(1)))).isEqualTo(honest);

        var seeds = server.received("/v1/completions").stream()
                .map(received -> received.body().path("seed").asLong())
                .distinct();
        assertThat(seeds).containsExactly(request(1).seed());
    }

    static Stream<Arguments> lasting() {
        return Stream.of(
                Arguments.of("429", FakeServer.status(429), Category.OVERLOADED),
                Arguments.of("500", FakeServer.status(500), Category.BACKEND_UNAVAILABLE),
                Arguments.of("502 in HTML", FakeServer.html(), Category.BACKEND_UNAVAILABLE),
                Arguments.of("hangs", FakeServer.hang(), Category.TIMED_OUT),
                Arguments.of("half a body", FakeServer.halfABody(), Category.BACKEND_UNAVAILABLE),
                Arguments.of("no JSON", FakeServer.says(JSON, "nonsense"), Category.BACKEND_INVALID),
                Arguments.of(
                        "too long",
                        FakeServer.endless(JSON, "x".repeat(65536), 100 * MEGABYTE),
                        Category.BACKEND_INVALID),
                Arguments.of("wrong key", FakeServer.status(401), Category.MODEL_UNKNOWN),
                Arguments.of("wrong model", FakeServer.status(404), Category.MODEL_UNKNOWN));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lasting")
    void troubleThatLastsEndsTypedAndWithinBounds(String name, Misbehaviour fault, Category category) throws Exception {
        connect(settings().withPatience(Duration.ofSeconds(2)));
        server.next(Collections.nCopies(100, fault).toArray(Misbehaviour[]::new));

        var result = run(request(1));

        assertThat(result).isInstanceOf(ExtendResult.NotExtended.class);
        var refusal = ((ExtendResult.NotExtended) result).refusal();
        assertThat(refusal.category()).isIn(category, Category.BACKEND_UNAVAILABLE);
        assertThat(refusal.detail()).doesNotContain("nonsense").doesNotContain("<html>");
        assertThat(server.received("/v1/completions")).hasSizeLessThan(20);
    }

    @Test
    void retryAfterIsHonoured() throws Exception {
        connect(settings());
        server.next(FakeServer.retryAfter(429, 1));
        long before = System.nanoTime();

        step(run(request(1)));

        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void serverThatIsDownIsProbedWithOneTokenBeforeItIsUsedAgain() throws Exception {
        connect(settings());
        server.next(Collections.nCopies(6, FakeServer.status(500)).toArray(Misbehaviour[]::new));

        step(run(request(1)));

        var probes = server.received("/v1/completions").stream()
                .filter(received -> received.body().path("max_tokens").asInt() == 1)
                .filter(received -> received.body().path("prompt").isTextual());
        assertThat(probes).isNotEmpty();
    }

    @Test
    void cancellingClosesTheConnection() throws Exception {
        connect(settings().withTimeouts(Duration.ofMinutes(5), Duration.ofMillis(1)));
        server.next(FakeServer.drip(20));
        var future = policy.run(request(1));
        await().atMost(Duration.ofSeconds(30)).until(() -> server.running() == 1);

        future.cancel(false);

        await().atMost(Duration.ofSeconds(30)).until(() -> server.running() == 0);
        step(run(request(2)));
    }

    @Test
    void neverMoreThanTheSlotsAtOnce() throws Exception {
        connect(settings());
        server.next(Collections.nCopies(32, FakeServer.late(20)).toArray(Misbehaviour[]::new));

        var futures = IntStream.range(0, 32)
                .mapToObj(seed -> policy.run(request(seed)))
                .toList();
        futures.forEach(future -> step(future.orTimeout(60, TimeUnit.SECONDS).join()));

        assertThat(server.mostRunning()).isLessThanOrEqualTo(4);
    }

    @Test
    void keyGoesToItsHostAndNowhereElse() throws Exception {
        try (var elsewhere = FakeVllm.start()) {
            connect(settings().withKey(new Secret("canary-4711")));
            server.next(FakeServer.redirect(elsewhere.url() + "/v1/completions"));

            step(run(request(1)));

            assertThat(server.received("/v1/completions").getLast().header("Authorization"))
                    .isEqualTo("Bearer canary-4711");
            assertThat(elsewhere.received("/v1/completions")).isEmpty();
            assertThat(settings().withKey(new Secret("canary-4711")).toString()).doesNotContain("canary");
        }
    }

    @Test
    void endlessStreamIsCutAtItsStepOrItsTokens() throws Exception {
        server.close();
        server = FakeServers.openAi();
        var settings = settings();
        policy = RemotePolicy.connect(
                "toy",
                settings,
                OpenAiDialect.completions(new HttpEndpoint(settings), new ChatTemplate.Question(), ""));
        var events = "text/event-stream";
        server.next(
                FakeServer.endless(events, event("word "), Long.MAX_VALUE),
                FakeServer.endless(events, event("a\n\nb"), Long.MAX_VALUE));

        var cut = step(run(request(1)));
        var step = step(run(request(1)));

        assertThat(cut.text()).isEqualTo("word ".repeat(24));
        assertThat(cut.limit()).isEqualTo(StepLimit.STEP_TOKENS);
        assertThat(step.text()).isEqualTo("a\n\n");
        await().atMost(Duration.ofSeconds(30)).until(() -> server.running() == 0);
    }

    @Test
    void whatIsLongerThanAskedForIsCutThereAndNotDrawnAgain() throws Exception {
        connect(settings());
        server.next(FakeServer.says(JSON, choice("\"x\"", ids(500), "stop")));

        var step = step(run(request(1)));

        assertThat(step.text()).isEqualTo("a".repeat(24));
        assertThat(step.tokenIds()).hasSize(24);
        assertThat(step.limit()).isEqualTo(StepLimit.STEP_TOKENS);
        assertThat(server.received("/v1/completions")).hasSize(1);
    }

    /** A word for an end, and what it means. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "stop, END",
        "eos, END",
        "eos_token, END",
        "stop_sequence, END",
        "length, TRUNCATED",
        "max_tokens, TRUNCATED",
        "model_length, TRUNCATED",
        "null, END"
    })
    void wordsForAnEndAreUnderstood(String reason, StepEnd end) throws Exception {
        var said = reason.equals("null") ? "null" : '"' + reason + '"';
        connect(settings());
        server.next(FakeServer.says(
                JSON,
                "{\"choices\":[{\"text\":\"a\",\"token_ids\":[97],\"finish_reason\":" + said
                        + ",\"stop_reason\":null}]}"));
        assertThat(step(run(request(1))).end()).isEqualTo(end);

        policy.close();
        server.close();
        server = FakeServers.openAi();
        // A base URL as clients of OpenAI have it, an error that is none, and a count without a choice.
        var settings = RemoteSettings.at(URI.create(server.url() + "/v1/")).withSlots(4);
        policy = RemotePolicy.connect(
                "toy",
                settings,
                OpenAiDialect.completions(new HttpEndpoint(settings), new ChatTemplate.Question(), ""));
        server.next(FakeServer.says(
                "text/event-stream",
                "data: {\"error\":null,\"choices\":[{\"text\":\"a\",\"finish_reason\":null}]}\n\n"
                        + "data: {\"choices\":[{\"text\":\"\",\"finish_reason\":" + said + "}]}\n\n"
                        + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n"
                        + "data: [DONE]\n\n"));
        var result = (ExtendResult.Generated) run(request(1));
        assertThat(result.step().text()).isEqualTo("a");
        assertThat(result.step().end()).isEqualTo(end);
        assertThat(result.usage()).isEqualTo(new Usage(3, 0, 2));
    }

    @Test
    void aWordThatIsNotUnderstoodIsNamed() throws Exception {
        connect(settings().withPatience(Duration.ofSeconds(2)));
        server.next(Collections.nCopies(9, FakeServer.says(JSON, choice("\"x\"", "[97]", "content_filter")))
                .toArray(Misbehaviour[]::new));

        var refused = (ExtendResult.NotExtended) run(request(1));

        assertThat(refused.refusal().category()).isEqualTo(Category.BACKEND_INVALID);
        assertThat(refused.refusal().detail()).contains("content_filter");
    }

    @Test
    void streamThatBreaksOffIsTriedAgain() throws Exception {
        server.close();
        server = FakeServers.openAi();
        var settings = settings();
        policy = RemotePolicy.connect(
                "toy",
                settings,
                OpenAiDialect.completions(new HttpEndpoint(settings), new ChatTemplate.Question(), ""));
        var honest = step(run(request(3)));

        for (var fault : Arrays.asList(
                FakeServer.says("text/event-stream", event("half a sen")),
                FakeServer.says("text/event-stream", "data: {\"error\":{\"message\":\"gone\",\"code\":500}}\n\n"),
                FakeServer.says("text/event-stream", "data: {not json\n\n"),
                FakeServer.halfABody(),
                FakeServer.headersThenHang())) {
            server.next(fault);
            assertThat(step(run(request(3)))).isEqualTo(honest);
        }
    }

    private static String event(String text) {
        return "data: "
                + HttpEndpoint.JSON
                        .createObjectNode()
                        .set(
                                "choices",
                                HttpEndpoint.JSON
                                        .createArrayNode()
                                        .add(HttpEndpoint.JSON
                                                .createObjectNode()
                                                .put("text", text)))
                + "\n\n";
    }

    // ---- requests

    static ExtendRequest request(long seed) {
        return new ExtendRequest(
                new AttemptKey(new StepKey("job", "p" + seed, 0, 0, 0, 0, Purpose.EXTEND), 1),
                seed,
                "toy",
                Prompt.question("What comes next?"),
                new NodeReference("job", "p" + seed, 0),
                List.of(),
                Sampling.atTemperature(1),
                seed * 7919 + 11,
                List.of("\n\n"),
                24,
                1000);
    }

    private ExtendResult run(ExtendRequest request) {
        return policy.run(request).orTimeout(120, TimeUnit.SECONDS).join();
    }

    private static Step step(ExtendResult result) {
        assertThat(result).isInstanceOf(ExtendResult.Generated.class);
        return ((ExtendResult.Generated) result).step();
    }
}
