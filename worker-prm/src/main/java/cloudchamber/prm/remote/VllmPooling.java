package cloudchamber.prm.remote;

import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prm.format.PrmFormat.Rows;
import cloudchamber.prm.remote.Numbers.Kind;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Usage;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteTrouble;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** vLLM's {@code /pooling} with a PRM: a row of numbers for each step, or for each token. */
public final class VllmPooling extends VllmScoring {
    /*
     * [1] Probabilities come rounded to the model's precision: a good step is 1.0 exactly and its log-odds are lost. So
     *     raw values are asked for. A server that does not know the switch ignores it silently, so at the start both
     *     are asked for and compared; where they are equal, probabilities are what there is.
     */
    private static final int BATCH = 16;
    private static final String PATH = "/pooling";

    private final Rows rows;
    private final int goodColumn;
    private volatile Kind kind = Kind.LOGITS;

    /**
     * @param goodColumn which of two numbers speaks for a step
     * @param model as the server names it; empty for the only one it serves
     */
    public VllmPooling(HttpEndpoint endpoint, PrmFormat format, String model, Rows rows, int goodColumn) {
        super(endpoint, format, model);
        this.rows = rows;
        this.goodColumn = goodColumn;
    }

    @Override
    public Served describe() throws InterruptedException {
        super.describe();
        kind = told();
        return super.describe();
    }

    @Override
    String exactness() {
        return kind == Kind.LOGITS ? "raw-logits" : "rounded-probabilities";
    }

    /** See [1]. */
    private Kind told() throws InterruptedException {
        var prompt = Prompt.question("1 + 1");
        var known = format().whole(prompt, List.of("1 + 1 = 2"));
        var replies = new ArrayList<JsonNode>();
        for (boolean activated : List.of(true, false)) {
            var body = body().put("task", "token_classify").put("use_activation", activated);
            put(body, "input", List.of(known));
            replies.add(http().post(PATH, body, http().settings().limit(1))
                    .path("data")
                    .path(0)
                    .path("data"));
        }
        return replies.get(0).equals(replies.get(1)) && !replies.get(0).isEmpty() ? Kind.PROBABILITIES : Kind.LOGITS;
    }

    @Override
    public int batch() {
        return BATCH;
    }

    @Override
    public List<Answer> score(List<Asked> asked) throws InterruptedException {
        var body = body().put("task", "token_classify").put("use_activation", kind == Kind.PROBABILITIES);
        put(
                body,
                "input",
                asked.stream()
                        .map(prefix -> rows == Rows.STEPS
                                ? format().whole(prefix.prompt(), prefix.steps())
                                : format().upToScore(prefix.prompt(), prefix.steps()))
                        .toList());
        var reply = http().post(PATH, body, http().settings().limit(asked.size()));
        long tokens = reply.path("usage").path("prompt_tokens").asLong();
        var data = ordered(reply.path("data"), asked.size());
        if (rows == Rows.TOKENS) {
            checkRows(data, tokens);
        }
        var answers = new ArrayList<Answer>();
        for (int index = 0; index < asked.size(); index++) {
            // What a call cost is told once.
            var usage = index == 0 ? new Usage(tokens, 0, 0) : Usage.NONE;
            answers.add(new Answer(logOdds(data.get(index), asked.get(index)), usage));
        }
        return answers;
    }

    private List<Double> logOdds(JsonNode found, Asked asked) {
        if (rows == Rows.TOKENS) {
            return List.of(Numbers.logOdds(found.get(found.size() - 1), kind, goodColumn));
        }
        int expected = format().scoredSteps(asked.steps().size());
        if (found.size() != expected) {
            throw RemoteTrouble.invalid("there must be a score for each of " + expected + " steps: were "
                    + found.size()
                    + (found.isEmpty() ? "; does the server's pooler know the marker?" : "")
                    + (found.size() > expected ? "; is its pooling STEP?" : ""));
        }
        var logOdds = new ArrayList<Double>();
        found.forEach(row -> logOdds.add(Numbers.logOdds(row, kind, goodColumn)));
        return logOdds;
    }

    private static void checkRows(List<JsonNode> data, long tokens) {
        long rows = data.stream().mapToLong(JsonNode::size).sum();
        if (rows != tokens || data.stream().anyMatch(JsonNode::isEmpty)) {
            throw RemoteTrouble.invalid(
                    "there must be a score for each of " + tokens + " tokens: were " + rows + "; is its pooling ALL?");
        }
    }

    /** The rows of each prompt, by the index they carry. */
    static List<JsonNode> ordered(JsonNode data, int expected) {
        var ordered = new JsonNode[expected];
        if (data.size() != expected) {
            throw RemoteTrouble.invalid(
                    "there must be an answer for each of " + expected + " prefixes: were " + data.size());
        }
        for (var entry : data) {
            int index = entry.path("index").asInt(-1);
            if (index < 0 || index >= expected || ordered[index] != null) {
                throw RemoteTrouble.invalid("answers must have the indices 0 to " + (expected - 1) + ", once each: was "
                        + index + " or again");
            }
            ordered[index] = entry.path("data");
        }
        return List.of(ordered);
    }
}
