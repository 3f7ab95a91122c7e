package cloudchamber.worker.remote;

import cloudchamber.worker.remote.FakeServer.Received;
import cloudchamber.worker.remote.FakeServer.Reply;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** A fake vLLM that serves the toy model, in the words of the recorded transcripts. */
public final class FakeVllm {
    public static final String MODEL = "toy";
    private static final ObjectMapper JSON = HttpEndpoint.JSON;

    private FakeVllm() {}

    public static FakeServer start() {
        return start(ToyModel::draw);
    }

    /** One that serves another model of the toy's tokens. */
    public static FakeServer start(ToyModel.Drawing model) {
        return new FakeServer()
                .on("/v1/models", request -> models())
                .on("/version", request -> Reply.json(200, "{\"version\":\"0.32.0\"}"))
                .on("/tokenize", FakeVllm::tokenize)
                .on("/detokenize", FakeVllm::detokenize)
                .on("/v1/completions", request -> completions(request, model));
    }

    static Reply models() {
        var body = JSON.createObjectNode().put("object", "list");
        body.putArray("data").addObject().put("id", MODEL).put("max_model_len", ToyModel.CONTEXT);
        return Reply.json(body);
    }

    static Reply tokenize(Received request) {
        var body = JSON.createObjectNode();
        var tokens = body.putArray("tokens");
        if (request.body().path("add_special_tokens").asBoolean(true)) {
            tokens.add(ToyModel.BEGINNING);
        }
        ToyModel.tokens(request.body().path("prompt").asText()).forEach(tokens::add);
        return Reply.json(body.put("count", tokens.size()));
    }

    static Reply detokenize(Received request) {
        return Reply.json(JSON.createObjectNode()
                .put("prompt", ToyModel.text(RemoteTokenizer.ids(request.body().path("tokens")))));
    }

    static Reply completions(Received request, ToyModel.Drawing model) {
        var body = request.body();
        List<Integer> prompt = body.path("prompt").isTextual()
                ? ToyModel.tokens(body.path("prompt").asText())
                : RemoteTokenizer.ids(body.path("prompt"));
        if (prompt.size() > ToyModel.CONTEXT) {
            return Reply.error(
                    400,
                    "This model's maximum context length is " + ToyModel.CONTEXT
                            + " tokens. However, your prompt contains " + prompt.size() + " input tokens.");
        }
        var strange =
                prompt.stream().filter(token -> token >= ToyModel.VOCABULARY).findFirst();
        if (strange.isPresent()) {
            return Reply.error(400, "Token id " + strange.get() + " is out of vocabulary");
        }
        var stops = strings(body.path("stop"));
        var drawn = model.draw(
                prompt,
                body.path("temperature").asDouble(1),
                body.path("seed").asLong(),
                body.path("max_tokens").asInt(16),
                stops);
        return body.path("stream").asBoolean()
                ? stream(drawn, "text")
                : Reply.json(completion(body, prompt.size(), drawn));
    }

    private static ObjectNode completion(JsonNode asked, int promptTokens, ToyModel.Drawn drawn) {
        var body = JSON.createObjectNode().put("id", "cmpl-1").put("object", "text_completion");
        var choice = body.putArray("choices").addObject().put("index", 0);
        boolean included = asked.path("include_stop_str_in_output").asBoolean();
        var stop = drawn.stop().orElse("");
        choice.put(
                "text",
                included ? drawn.text() : drawn.text().substring(0, drawn.text().length() - stop.length()));
        choice.put("finish_reason", drawn.reason());
        choice.put("stop_reason", drawn.stop().orElse(null));
        if (asked.has("logprobs")) {
            var values = choice.putObject("logprobs").putArray("token_logprobs");
            drawn.tokens().forEach(token -> values.add(-0.5));
        }
        if (asked.path("return_token_ids").asBoolean()) {
            var ids = choice.putArray("token_ids");
            drawn.tokens().forEach(ids::add);
        }
        var usage = body.putObject("usage");
        usage.put("prompt_tokens", promptTokens)
                .put("completion_tokens", drawn.tokens().size());
        usage.putObject("prompt_tokens_details").put("cached_tokens", promptTokens / 2);
        return body;
    }

    /** A token a chunk, as text alone. */
    static Reply stream(ToyModel.Drawn drawn, String shape) {
        var events = new StringBuilder();
        for (int index = 0; index < drawn.tokens().size(); index++) {
            var chunk = JSON.createObjectNode();
            var choice = chunk.putArray("choices").addObject().put("index", 0);
            var piece = ToyModel.text(drawn.tokens().subList(index, index + 1));
            if (shape.equals("text")) {
                choice.put("text", piece);
            } else {
                choice.putObject("delta").put("content", piece);
            }
            choice.put("finish_reason", index + 1 == drawn.tokens().size() ? drawn.reason() : null);
            events.append("data: ").append(chunk).append("\n\n");
        }
        return Reply.events(events + "data: [DONE]\n\n");
    }

    public static List<String> strings(JsonNode array) {
        var strings = new ArrayList<String>();
        array.forEach(text -> strings.add(text.asText()));
        return strings;
    }
}
