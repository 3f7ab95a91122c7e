package cloudchamber.worker.remote;

import cloudchamber.worker.remote.FakeServer.Received;
import cloudchamber.worker.remote.FakeServer.Reply;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A model that says one text, whatever it is asked, and goes on with it where a prompt ends in its beginning. Its tokens
 * are the bytes of the text, which must be ASCII.
 */
public record ScriptedModel(String text) implements ToyModel.Drawing {
    private static final String OPEN = "<think>\n";
    private static final String CLOSE = "\n</think>\n\n";

    @Override
    public ToyModel.Drawn draw(List<Integer> prompt, double temperature, long seed, int maxTokens, List<String> stops) {
        return draw(said(ToyModel.text(prompt)), maxTokens, stops);
    }

    private ToyModel.Drawn draw(int said, int maxTokens, List<String> stops) {
        var rest = text.substring(said);
        var stop = stops.stream()
                .filter(rest::contains)
                .min((one, other) -> rest.indexOf(one) + one.length() - rest.indexOf(other) - other.length());
        int end = stop.map(met -> rest.indexOf(met) + met.length()).orElse(rest.length());
        if (end > maxTokens || stop.isEmpty() && end == maxTokens) {
            return new ToyModel.Drawn(
                    ToyModel.tokens(rest.substring(0, maxTokens)),
                    rest.substring(0, maxTokens),
                    Optional.empty(),
                    "length");
        }
        var tokens = new ArrayList<>(ToyModel.tokens(rest.substring(0, end)));
        if (stop.isEmpty()) {
            tokens.add(ToyModel.END);
        }
        return new ToyModel.Drawn(tokens, rest.substring(0, end), stop, "stop");
    }

    /** How much of the text a prompt ends in. */
    private int said(String prompt) {
        for (int length = text.length(); length > 0; length--) {
            if (prompt.endsWith(text.substring(0, length))) {
                return length;
            }
        }
        return 0;
    }

    // ---- servers of chats

    /** A server of chats with a field of its own for thoughts. */
    public FakeServer thinkingChat() {
        return new FakeServer()
                .on("/v1/models", request -> FakeVllm.models())
                .on("/v1/chat/completions", request -> chat(request, partialThought(request)));
    }

    /** A server of chats that does not go on with a partial answer: it begins a new turn. */
    public FakeServer newTurns() {
        return new FakeServer()
                .on("/v1/models", request -> FakeVllm.models())
                .on("/v1/chat/completions", request -> chat(request, ""));
    }

    private static String partialThought(Received request) {
        var last = request.body()
                .path("messages")
                .path(request.body().path("messages").size() - 1);
        if (!last.path("role").asText().equals("assistant")) {
            return "";
        }
        var thought = last.path("reasoning_content").asText("");
        return (thought.isEmpty() ? "" : OPEN + thought + CLOSE)
                + last.path("content").asText();
    }

    private Reply chat(Received request, String partial) {
        var drawn = draw(said(partial), request.body().path("max_tokens").asInt(), List.of());
        if (!request.body().path("stream").asBoolean()) {
            var reply = HttpEndpoint.JSON.createObjectNode();
            var visible = drawn.text().contains(CLOSE)
                    ? drawn.text().substring(drawn.text().indexOf(CLOSE) + CLOSE.length())
                    : drawn.text();
            reply.putArray("choices")
                    .addObject()
                    .putObject("message")
                    .put("content", drawn.text().startsWith(OPEN) && visible.equals(drawn.text()) ? null : visible);
            return Reply.json(reply);
        }
        var events = new StringBuilder();
        int from = said(partial);
        for (int at = from; at < from + drawn.text().length(); at++) {
            var chunk = HttpEndpoint.JSON.createObjectNode().putNull("error");
            delta(chunk, at);
            events.append("data: ").append(chunk).append("\n\n");
        }
        var last = HttpEndpoint.JSON.createObjectNode();
        last.putArray("choices")
                .addObject()
                .put("finish_reason", drawn.reason())
                .putObject("delta");
        events.append("data: ").append(last).append("\n\n");
        var usage = HttpEndpoint.JSON.createObjectNode();
        usage.putArray("choices");
        usage.putObject("usage")
                .put("prompt_tokens", 7)
                .put("completion_tokens", drawn.tokens().size());
        return Reply.events(events + "data: " + usage + "\n\ndata: [DONE]\n\n");
    }

    /** The character at a place of the text: thought or said, or of a mark and not told. */
    private void delta(ObjectNode chunk, int at) {
        var delta =
                chunk.putArray("choices").addObject().putNull("finish_reason").putObject("delta");
        int close = text.startsWith(OPEN) ? text.indexOf(CLOSE) : -1;
        var piece = text.substring(at, at + 1);
        if (at >= OPEN.length() && at < close) {
            delta.put("reasoning_content", piece);
        } else if (close < 0 || at >= close + CLOSE.length()) {
            delta.put("content", piece);
        }
    }
}
