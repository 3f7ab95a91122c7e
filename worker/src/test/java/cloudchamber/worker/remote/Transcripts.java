package cloudchamber.worker.remote;

import cloudchamber.worker.remote.FakeServer.Reply;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What a real vLLM 0.32 answered, by name. */
public final class Transcripts {
    private final Map<String, JsonNode> exchanges = new HashMap<>();

    /**
     * @param owner beside which the resource {@code vllm-transcripts.jsonl} lies
     */
    public Transcripts(Class<?> owner) {
        try (var stream = owner.getResourceAsStream("vllm-transcripts.jsonl")) {
            new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(FakeServers::json)
                    .forEach(exchange -> exchanges.put(exchange.path("name").asText(), exchange));
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    /** The recorded answer. */
    public Reply reply(String name) {
        var exchange = exchanges.get(name);
        var response = exchange.path("response");
        return response.isTextual()
                ? Reply.events(response.asText())
                : Reply.json(exchange.path("status").asInt(), response.toString());
    }

    /** The recorded answer as a server would give it that serves another model: only the name differs. */
    public Reply reply(String name, String model) {
        var exchange = exchanges.get(name);
        var response = exchange.path("response").deepCopy();
        if (response.has("model")) {
            ((ObjectNode) response).put("model", model);
        }
        return Reply.json(exchange.path("status").asInt(), response.toString());
    }

    /** The recorded body of the answer. */
    public JsonNode body(String name) {
        return exchanges.get(name).path("response");
    }
}
