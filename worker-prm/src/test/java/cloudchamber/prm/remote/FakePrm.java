package cloudchamber.prm.remote;

import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeServer.Received;
import cloudchamber.worker.remote.FakeServer.Reply;
import cloudchamber.worker.remote.FakeServers;
import cloudchamber.worker.remote.FakeVllm;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteTokenizer;
import cloudchamber.worker.remote.ToyModel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A fake reward server: its raw score of a text is a function of the text. */
final class FakePrm {
    private FakePrm() {}

    /** What the server says of tokens, before any softmax: for the prefix, and against it. */
    static double raw(List<Integer> tokens) {
        return Math.floorMod(tokens.hashCode(), 8000) / 1000.0 - 4;
    }

    static FakeServer vllm() {
        return vllm(true);
    }

    /**
     * @param knowsTheSwitch whether it can give raw values
     */
    static FakeServer vllm(boolean knowsTheSwitch) {
        return FakeVllm.start()
                .on("/pooling", request -> pooling(request, FakePrm::markers, knowsTheSwitch))
                .on("/classify", FakePrm::classify)
                .on("/v1/completions", FakePrm::labels);
    }

    /** Pooling ALL: a row a token. */
    static FakeServer everyToken() {
        return FakeVllm.start().on("/pooling", request -> pooling(request, FakePrm::everyPrefix, true));
    }

    /** A chat model that tells its likeliest tokens, and nothing else. */
    static FakeServer chat() {
        return FakeServers.openAi().on("/v1/chat/completions", request -> {
            var tokens = ToyModel.tokens(request.body().path("messages").toString());
            if (tokens.size() > ToyModel.CONTEXT) {
                return Reply.error(400, "This model's maximum context length is " + ToyModel.CONTEXT + " tokens.");
            }
            double raw = raw(tokens);
            var reply = HttpEndpoint.JSON.createObjectNode();
            var told = reply.putArray("choices")
                    .addObject()
                    .putObject("logprobs")
                    .putArray("content")
                    .addObject()
                    .putArray("top_logprobs");
            told.addObject().put("token", "Yes").put("logprob", -5 + raw / 2);
            told.addObject().put("token", "No").put("logprob", -5 - raw / 2);
            reply.putObject("usage").put("prompt_tokens", tokens.size());
            return Reply.json(reply);
        });
    }

    static FakeServer sglang() {
        return FakeVllm.start().on("/classify", request -> {
            var reply = HttpEndpoint.JSON.createArrayNode();
            for (var text : request.body().path("text")) {
                var tokens = ToyModel.tokens(text.asText());
                if (tokens.size() > ToyModel.CONTEXT) {
                    return Reply.error(400, "the input is longer than the model's context length");
                }
                reply.addObject().putArray("embedding").add(raw(tokens));
            }
            return Reply.json(reply);
        });
    }

    private static List<List<Integer>> markers(List<Integer> tokens) {
        return everyPrefix(tokens).stream()
                .filter(prefix -> prefix.getLast() == ToyModel.MARKER)
                .toList();
    }

    private static List<List<Integer>> everyPrefix(List<Integer> tokens) {
        var prefixes = new ArrayList<List<Integer>>();
        for (int end = 1; end <= tokens.size(); end++) {
            prefixes.add(tokens.subList(0, end));
        }
        return prefixes;
    }

    private static Reply pooling(
            Received request, Function<List<Integer>, List<List<Integer>>> prefixes, boolean knowsTheSwitch) {
        boolean logits =
                knowsTheSwitch && !request.body().path("use_activation").asBoolean(true);
        var reply = HttpEndpoint.JSON.createObjectNode();
        var data = reply.putArray("data");
        int count = 0;
        for (var input : request.body().path("input")) {
            var tokens = read(input);
            if (tokens.size() > ToyModel.CONTEXT) {
                return Reply.error(400, "This model's maximum context length is " + ToyModel.CONTEXT + " tokens.");
            }
            count += tokens.size();
            var entry = data.addObject().put("index", data.size() - 1);
            var rows = entry.putArray("data");
            for (var prefix : prefixes.apply(tokens)) {
                row(rows, raw(prefix), logits);
            }
        }
        reply.putObject("usage").put("prompt_tokens", count);
        return Reply.json(reply);
    }

    private static void row(ArrayNode rows, double raw, boolean logits) {
        double good = 1 / (1 + Math.exp(-raw));
        rows.addArray().add(logits ? -raw / 2 : 1 - good).add(logits ? raw / 2 : good);
    }

    private static List<Integer> read(JsonNode input) {
        return input.isTextual() ? ToyModel.tokens(input.asText()) : RemoteTokenizer.ids(input);
    }

    private static Reply classify(Received request) {
        var reply = HttpEndpoint.JSON.createObjectNode();
        var data = reply.putArray("data");
        for (var input : request.body().path("input")) {
            var tokens = read(input);
            if (tokens.size() > ToyModel.CONTEXT) {
                return Reply.error(400, "This model's maximum context length is " + ToyModel.CONTEXT + " tokens.");
            }
            data.addObject().put("index", data.size() - 1).putArray("probs").add(raw(tokens));
        }
        return Reply.json(reply);
    }

    private static Reply labels(Received request) {
        var tokens = read(request.body().path("prompt").path(0));
        if (tokens.size() > ToyModel.CONTEXT) {
            return Reply.error(400, "This model's maximum context length is " + ToyModel.CONTEXT + " tokens.");
        }
        var reply = HttpEndpoint.JSON.createObjectNode();
        var top = reply.putArray("choices")
                .addObject()
                .putObject("logprobs")
                .putArray("top_logprobs")
                .addObject();
        var asked = request.body().path("logprob_token_ids");
        double raw = raw(tokens);
        top.put("token_id:" + asked.path(0).asInt(), -5 + raw / 2);
        top.put("token_id:" + asked.path(1).asInt(), -5 - raw / 2);
        reply.putObject("usage").put("prompt_tokens", tokens.size());
        return Reply.json(reply);
    }
}
