package cloudchamber.worker.remote;

import cloudchamber.worker.remote.FakeServer.Received;
import cloudchamber.worker.remote.FakeServer.Reply;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** Fakes of other servers that serve the toy model. */
public final class FakeServers {
    private FakeServers() {}

    /** A server with the OpenAI routes and nothing else. */
    public static FakeServer openAi() {
        return openAi(ToyModel::draw);
    }

    /** One that serves another model of the toy's tokens. */
    public static FakeServer openAi(ToyModel.Drawing model) {
        return new FakeServer()
                .on("/v1/models", request -> FakeVllm.models())
                .on("/v1/completions", request -> FakeVllm.completions(request, model))
                .on("/v1/chat/completions", request -> chat(request, model));
    }

    private static Reply chat(Received request, ToyModel.Drawing model) {
        var text = new StringBuilder();
        for (var message : request.body().path("messages")) {
            text.append(message.path("content").asText());
        }
        var prompt = ToyModel.tokens(text.toString());
        if (prompt.size() > ToyModel.CONTEXT) {
            return Reply.error(400, "This model's maximum context length is " + ToyModel.CONTEXT + " tokens.");
        }
        var body = request.body();
        var drawn = model.draw(
                prompt,
                body.path("temperature").asDouble(1),
                body.path("seed").asLong(),
                body.path("max_tokens").asInt(),
                FakeVllm.strings(body.path("stop")));
        if (!body.path("stream").asBoolean()) {
            var reply = HttpEndpoint.JSON.createObjectNode();
            reply.putArray("choices").addObject().putObject("message").put("content", ToyModel.text(drawn.tokens()));
            return Reply.json(reply);
        }
        return FakeVllm.stream(drawn, "chat");
    }

    public static FakeServer sglang() {
        return sglang(ToyModel::draw);
    }

    /** One that serves another model of the toy's tokens. */
    public static FakeServer sglang(ToyModel.Drawing model) {
        return new FakeServer()
                .on("/v1/models", request -> FakeVllm.models())
                .on("/get_server_info", request -> Reply.json(200, "{\"version\":\"0.5.6\"}"))
                .on("/tokenize", FakeVllm::tokenize)
                .on("/detokenize", FakeVllm::detokenize)
                .on("/generate", request -> generate(request, model));
    }

    private static Reply generate(Received request, ToyModel.Drawing model) {
        var body = request.body();
        var prompt = RemoteTokenizer.ids(body.path("input_ids"));
        var refusal = refusal(prompt);
        if (refusal != null) {
            return refusal;
        }
        var sampling = body.path("sampling_params");
        var drawn = model.draw(
                prompt,
                sampling.path("temperature").asDouble(1),
                sampling.path("sampling_seed").asLong(),
                sampling.path("max_new_tokens").asInt(),
                FakeVllm.strings(sampling.path("stop")));
        var reply = HttpEndpoint.JSON.createObjectNode().put("text", ToyModel.text(drawn.tokens()));
        var ids = reply.putArray("output_ids");
        drawn.tokens().forEach(ids::add);
        var meta = reply.putObject("meta_info");
        var finish = meta.putObject("finish_reason").put("type", drawn.reason());
        if (drawn.stop().isPresent()) {
            finish.put("matched", drawn.stop().get());
        } else if (drawn.reason().equals("stop")) {
            finish.put("matched", ToyModel.END);
        }
        meta.put("prompt_tokens", prompt.size()).put("cached_tokens", 0);
        return Reply.json(reply);
    }

    public static FakeServer llamaServer() {
        return llamaServer(ToyModel::draw);
    }

    /** One that serves another model of the toy's tokens. */
    public static FakeServer llamaServer(ToyModel.Drawing model) {
        return new FakeServer()
                .on(
                        "/props",
                        request -> Reply.json(
                                200,
                                "{\"default_generation_settings\":{\"n_ctx\":" + ToyModel.CONTEXT
                                        + "},\"total_slots\":4,\"model_path\":\"/models/toy.gguf\",\"build_info\":\"b1\"}"))
                .on("/tokenize", FakeServers::llamaTokenize)
                .on(
                        "/detokenize",
                        request -> Reply.json(HttpEndpoint.JSON
                                .createObjectNode()
                                .put(
                                        "content",
                                        ToyModel.text(RemoteTokenizer.ids(
                                                request.body().path("tokens"))))))
                .on("/completion", request -> completion(request, model));
    }

    private static Reply llamaTokenize(Received request) {
        var body = HttpEndpoint.JSON.createObjectNode();
        var tokens = body.putArray("tokens");
        if (request.body().path("add_special").asBoolean()) {
            tokens.add(ToyModel.BEGINNING);
        }
        ToyModel.tokens(request.body().path("content").asText()).forEach(tokens::add);
        return Reply.json(body);
    }

    private static Reply completion(Received request, ToyModel.Drawing model) {
        var body = request.body();
        var prompt = RemoteTokenizer.ids(body.path("prompt"));
        var refusal = refusal(prompt);
        if (refusal != null) {
            return refusal;
        }
        var drawn = model.draw(
                prompt,
                body.path("temperature").asDouble(1),
                body.path("seed").asLong(),
                body.path("n_predict").asInt(),
                FakeVllm.strings(body.path("stop")));
        var stop = drawn.stop().orElse("");
        var reply = HttpEndpoint.JSON
                .createObjectNode()
                .put("content", drawn.text().substring(0, drawn.text().length() - stop.length()))
                .put("stop", true)
                .put(
                        "stop_type",
                        drawn.stop().isPresent() ? "word" : drawn.reason().equals("stop") ? "eos" : "limit")
                .put("stopping_word", stop)
                .put("truncated", false);
        var ids = reply.putArray("tokens");
        drawn.tokens().forEach(ids::add);
        reply.putObject("timings").put("prompt_n", prompt.size()).put("cache_n", 0);
        return Reply.json(reply);
    }

    private static Reply refusal(List<Integer> prompt) {
        if (prompt.size() > ToyModel.CONTEXT) {
            return Reply.error(400, "the request exceeds the available context size");
        }
        return prompt.stream().anyMatch(token -> token >= ToyModel.VOCABULARY)
                ? Reply.error(400, "the prompt contains invalid tokens")
                : null;
    }

    /** The JSON of a text. */
    public static JsonNode json(String text) {
        try {
            return HttpEndpoint.JSON.readTree(text);
        } catch (java.io.IOException malformed) {
            throw new IllegalArgumentException(malformed);
        }
    }
}
