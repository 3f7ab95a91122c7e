package cloudchamber.prm.remote;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prm.remote.ScoreDialect.Asked;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeServer.Reply;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Four published PRMs, token for token: what a server reads of a prefix, from the request that was really sent, cut by a
 * vocabulary that gives the models' own ids to every token that a format is made of (from the models' cards and
 * configurations), and ids of our own, from 900,000 on, to the words of the problem.
 */
class PrmTokensTest {
    private static final Prompt QUESTION = Prompt.question("Add");
    private static final List<String> STEPS = List.of("one\n\n", "two");
    private static final int ADD = 900_000;
    private static final int ONE = 900_001;
    private static final int TWO = 900_002;

    private static final int IM_START = 151644;
    private static final int IM_END = 151645;
    private static final int END_OF_TEXT = 151643;
    private static final int EXTRA_0 = 151651;
    private static final int SYSTEM = 8948;
    private static final int USER = 872;
    private static final int ASSISTANT = 77091;
    private static final int NEWLINE = 198;
    private static final int RULE = 900_003;
    private static final Map<String, Integer> QWEN = Map.ofEntries(
            Map.entry("<|im_start|>", IM_START),
            Map.entry("<|im_end|>", IM_END),
            Map.entry("<|endoftext|>", END_OF_TEXT),
            Map.entry("<extra_0>", EXTRA_0),
            Map.entry("system", SYSTEM),
            Map.entry("user", USER),
            Map.entry("assistant", ASSISTANT),
            Map.entry("\n", NEWLINE),
            Map.entry(PrmFormat.QWEN_SYSTEM, RULE),
            Map.entry("Add", ADD),
            Map.entry("one", ONE),
            Map.entry("two", TWO));

    private final FakeServer server = new FakeServer()
            .on("/v1/models", request -> Reply.json(200, "{\"data\":[{\"id\":\"prm\",\"max_model_len\":4096}]}"))
            .on("/version", request -> Reply.json(200, "{\"version\":\"0.32.0\"}"));

    @AfterEach
    void close() {
        server.close();
    }

    private HttpEndpoint endpoint() {
        return new HttpEndpoint(RemoteSettings.at(server.url()));
    }

    // ---- Qwen2.5-Math-PRM-7B

    @Test
    void qwenReadsItsMarkerAfterEachStepAndNoLineEndBeforeIt() throws Exception {
        var read = pooled(QWEN, new PrmFormat.Qwen(template("qwen2.5-math"), true), PrmFormat.Rows.STEPS, EXTRA_0);

        assertThat(read)
                .containsExactly(
                        IM_START, SYSTEM, NEWLINE, RULE, IM_END, NEWLINE, //
                        IM_START, USER, NEWLINE, ADD, IM_END, NEWLINE, //
                        IM_START, ASSISTANT, NEWLINE, ONE, EXTRA_0, TWO, EXTRA_0, IM_END, NEWLINE);
    }

    @Test
    void qwenReadsOneMarkerAfterAWholeAnswer() throws Exception {
        var read = pooled(QWEN, new PrmFormat.Qwen(template("qwen2.5-math"), false), PrmFormat.Rows.STEPS, EXTRA_0);

        assertThat(read.subList(12, read.size()))
                .containsExactly(IM_START, ASSISTANT, NEWLINE, ONE, NEWLINE, NEWLINE, TWO, EXTRA_0, IM_END, NEWLINE);
    }

    // ---- Math-Shepherd

    private static final int BOS = 1;
    private static final int TAG = 12902;
    private static final int PLUS = 648;
    private static final int MINUS = 387;
    private static final int LINE = 13;
    private static final int SPACE = 900_004;
    private static final Map<String, Integer> SHEPHERD = Map.of(
            "<s>", BOS, " ки", TAG, "+", PLUS, "-", MINUS, "\n", LINE, " ", SPACE, "Add", ADD, "one", ONE, "two", TWO);

    @Test
    void mathShepherdReadsItsTagAfterEachStep() throws Exception {
        var read = pooled(SHEPHERD, new PrmFormat.MathShepherd(), PrmFormat.Rows.STEPS, TAG);

        assertThat(read).containsExactly(BOS, ADD, LINE, SPACE, ONE, TAG, LINE, LINE, TWO, TAG);
    }

    @Test
    void mathShepherdComparesPlusAndMinusAfterTheLastTag() throws Exception {
        var read = labelled(SHEPHERD, new PrmFormat.MathShepherd(), List.of(PLUS, MINUS));

        assertThat(read).containsExactly(BOS, ADD, LINE, SPACE, ONE, TAG, LINE, LINE, TWO, TAG);
    }

    @Test
    void mathShepherdReadsASystemMessageOnALineInFront() throws Exception {
        var words = new LinkedHashMap<>(SHEPHERD);
        words.put("Rule", RULE);
        var prompt =
                new Prompt(List.of(new Message(Message.Role.SYSTEM, "Rule"), new Message(Message.Role.USER, "Add")));

        assertThat(cut(
                        words,
                        new PrmFormat.MathShepherd()
                                .whole(prompt, List.of("one"))
                                .text()))
                .containsExactly(RULE, LINE, ADD, LINE, SPACE, ONE, TAG);
    }

    // ---- RLHFlow/Llama3.1-8B-PRM-Deepseek-Data

    private static final int BEGIN = 128000;
    private static final int HEADER = 128006;
    private static final int HEADER_END = 128007;
    private static final int TURN_END = 128009;
    private static final int TWO_LINES = 271;
    private static final int LLAMA_USER = 882;
    private static final int LLAMA_ASSISTANT = 78191;
    private static final int LLAMA_SYSTEM = 9125;
    private static final int LLAMA_PLUS = 10;
    private static final int LLAMA_MINUS = 12;
    private static final int DATE = 900_005;
    private static final Map<String, Integer> LLAMA = Map.ofEntries(
            Map.entry("<|begin_of_text|>", BEGIN),
            Map.entry("<|start_header_id|>", HEADER),
            Map.entry("<|end_header_id|>", HEADER_END),
            Map.entry("<|eot_id|>", TURN_END),
            Map.entry("\n\n", TWO_LINES),
            Map.entry("user", LLAMA_USER),
            Map.entry("assistant", LLAMA_ASSISTANT),
            Map.entry("system", LLAMA_SYSTEM),
            Map.entry("Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n", DATE),
            Map.entry("+", LLAMA_PLUS),
            Map.entry("-", LLAMA_MINUS),
            Map.entry(" ", SPACE),
            Map.entry("Add", ADD),
            Map.entry("one", ONE),
            Map.entry("two", TWO));

    @Test
    void rlhflowReadsATurnForEachStepAndIsAskedWhereTheLastAnswerBegins() throws Exception {
        var read = labelled(LLAMA, new PrmFormat.Rlhflow(template("llama-3.1")), List.of(LLAMA_PLUS, LLAMA_MINUS));

        int answer = read.indexOf(LLAMA_USER) - 1;
        assertThat(read.subList(answer, read.size()))
                .containsExactly(
                        HEADER,
                        LLAMA_USER,
                        HEADER_END,
                        TWO_LINES,
                        ADD,
                        SPACE,
                        ONE,
                        TURN_END, //
                        HEADER,
                        LLAMA_ASSISTANT,
                        HEADER_END,
                        TWO_LINES,
                        LLAMA_PLUS,
                        TURN_END, //
                        HEADER,
                        LLAMA_USER,
                        HEADER_END,
                        TWO_LINES,
                        TWO,
                        TURN_END, //
                        HEADER,
                        LLAMA_ASSISTANT,
                        HEADER_END,
                        TWO_LINES);
        assertThat(read.subList(0, answer)).startsWith(BEGIN, HEADER, LLAMA_SYSTEM, HEADER_END, TWO_LINES, DATE);
    }

    // ---- Skywork-o1-Open-PRM

    @Test
    void skyworkReadsALineEndAfterTheProblemAndAfterEachStep() throws Exception {
        var read = pooled(QWEN, new PrmFormat.Skywork("<|endoftext|>"), PrmFormat.Rows.TOKENS, -1);

        assertThat(read).containsExactly(END_OF_TEXT, ADD, NEWLINE, ONE, NEWLINE, TWO, NEWLINE);
    }

    // ---- how a server reads

    private static ChatTemplate template(String id) {
        return ChatTemplate.byId(id).orElseThrow();
    }

    /** What a pooling server reads; it answers a row for each marker, or for each token if the marker is -1. */
    private List<Integer> pooled(Map<String, Integer> vocabulary, PrmFormat format, PrmFormat.Rows rows, int marker)
            throws Exception {
        var read = new ArrayList<Integer>();
        server.on("/pooling", request -> {
            read.clear();
            read.addAll(read(
                    vocabulary,
                    request.body().path("input").path(0).asText(),
                    request.body().path("add_special_tokens").asBoolean()));
            var reply = HttpEndpoint.JSON.createObjectNode();
            var data = reply.putArray("data").addObject().put("index", 0).putArray("data");
            boolean activated = request.body().path("use_activation").asBoolean();
            read.stream()
                    .filter(token -> marker < 0 || token == marker)
                    .forEach(
                            token -> data.addArray().add(activated ? 0.5 : -1.0).add(activated ? 0.5 : 1.0));
            reply.putObject("usage").put("prompt_tokens", read.size());
            return Reply.json(reply);
        });
        try (var dialect = new VllmPooling(endpoint(), format, "", rows, 1)) {
            dialect.describe();
            var logOdds = dialect.score(List.of(new Asked(QUESTION, STEPS)))
                    .getFirst()
                    .logOdds();
            assertThat(logOdds).hasSize(format.scoredSteps(STEPS.size())).containsOnly(2.0);
        }
        return read;
    }

    /** What a generating server reads, which is asked for the log-probabilities of {@code labels} alone. */
    private List<Integer> labelled(Map<String, Integer> vocabulary, PrmFormat format, List<Integer> labels)
            throws Exception {
        var read = new ArrayList<Integer>();
        server.on("/tokenize", request -> {
                    var reply = HttpEndpoint.JSON.createObjectNode();
                    cut(vocabulary, request.body().path("prompt").asText()).forEach(reply.putArray("tokens")::add);
                    return Reply.json(reply);
                })
                .on("/v1/completions", request -> {
                    read.addAll(read(
                            vocabulary,
                            request.body().path("prompt").path(0).asText(),
                            request.body().path("add_special_tokens").asBoolean()));
                    var asked = request.body().path("logprob_token_ids");
                    assertThat(List.of(asked.path(0).asInt(), asked.path(1).asInt()))
                            .isEqualTo(labels);
                    return Reply.json(
                            200,
                            "{\"choices\":[{\"logprobs\":{\"top_logprobs\":[{\"token_id:" + labels.get(0)
                                    + "\":-0.5,\"token_id:" + labels.get(1) + "\":-1.5}]}}]}");
                });
        try (var dialect = new VllmLabels(endpoint(), format, "", "+", "-")) {
            dialect.describe();
            assertThat(dialect.score(List.of(new Asked(QUESTION, STEPS)))
                            .getFirst()
                            .logOdds())
                    .containsExactly(1.0);
        }
        return read;
    }

    /** A vocabulary with a token that begins a text (Qwen's has none) puts it there where it is told to. */
    private static List<Integer> read(Map<String, Integer> vocabulary, String text, boolean addsBeginning) {
        var tokens = new ArrayList<Integer>();
        if (addsBeginning) {
            Stream.of("<s>", "<|begin_of_text|>")
                    .filter(vocabulary::containsKey)
                    .map(vocabulary::get)
                    .forEach(tokens::add);
        }
        tokens.addAll(cut(vocabulary, text));
        return tokens;
    }

    /** Cuts a text into the longest words that fit; every character must be of some word. */
    private static List<Integer> cut(Map<String, Integer> words, String text) {
        var vocabulary = new HashMap<>(words);
        // The text by which a server is tried at the start.
        vocabulary.put("1 + 1", 900_010);
        vocabulary.put("1 + 1 = 2", 900_011);
        var longestFirst = vocabulary.keySet().stream()
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
        Function<Integer, String> wordAt = at -> longestFirst.stream()
                .filter(word -> text.startsWith(word, at))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no word of the format begins here: " + text.substring(at)));
        var tokens = new ArrayList<Integer>();
        for (int at = 0; at < text.length(); ) {
            var word = wordAt.apply(at);
            tokens.add(vocabulary.get(word));
            at += word.length();
        }
        return tokens;
    }
}
