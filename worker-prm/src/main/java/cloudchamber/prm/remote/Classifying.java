package cloudchamber.prm.remote;

import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prm.remote.Numbers.Kind;
import cloudchamber.protocol.model.Usage;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.LoadWatch;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.ServerLoad;
import cloudchamber.worker.remote.VllmModels;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A scalar reward model behind {@code /classify}: its raw reward of the whole prefix is taken as log-odds. */
public final class Classifying implements ScoreDialect {
    private static final int BATCH = 16;
    private static final String PATH = "/classify";

    /** Whose route it is. */
    public enum Server {
        VLLM,
        SGLANG
    }

    private final HttpEndpoint endpoint;
    private final PrmFormat format;
    private final Server server;
    private String model;

    /**
     * @param model as the server names it; empty for the only one it serves
     */
    public Classifying(HttpEndpoint endpoint, PrmFormat format, String model, Server server) {
        this.endpoint = endpoint;
        this.format = format;
        this.model = model;
        this.server = server;
    }

    @Override
    public Served describe() throws InterruptedException {
        var listed = VllmModels.find(endpoint, model);
        model = listed.name();
        var software = server == Server.VLLM ? VllmModels.software(endpoint, "vllm") : "sglang";
        return new Served(model, software, format.id(), listed.contextTokens(), "raw-reward");
    }

    @Override
    public int batch() {
        return BATCH;
    }

    @Override
    public List<Answer> score(List<Asked> asked) throws InterruptedException {
        var body = HttpEndpoint.JSON.createObjectNode().put("model", model);
        var input = body.putArray(server == Server.VLLM ? "input" : "text");
        for (var prefix : asked) {
            input.add(format.whole(prefix.prompt(), prefix.steps()).text());
        }
        if (server == Server.VLLM) {
            body.put("use_activation", false).put("add_special_tokens", false);
        }
        var reply = endpoint.post(PATH, body, endpoint.settings().limit(asked.size()));
        var rows = server == Server.VLLM ? vllm(reply.path("data"), asked.size()) : sglang(reply, asked.size());
        var usage = new Usage(reply.path("usage").path("prompt_tokens").asLong(), 0, 0);
        var answers = new ArrayList<Answer>();
        for (var row : rows) {
            // Of two classes the second is the good one, as in models with the labels 0 and 1.
            answers.add(
                    new Answer(List.of(Numbers.logOdds(row, Kind.LOGITS, 1)), answers.isEmpty() ? usage : Usage.NONE));
        }
        return answers;
    }

    private static List<JsonNode> vllm(JsonNode data, int expected) {
        var rows = new ArrayList<JsonNode>();
        for (var entry : counted(data, expected)) {
            if (entry.path("index").asInt(-1) != rows.size()) {
                throw RemoteTrouble.invalid("answers must be in order: were not");
            }
            rows.add(entry.path("probs"));
        }
        return rows;
    }

    private static List<JsonNode> sglang(JsonNode reply, int expected) {
        var rows = new ArrayList<JsonNode>();
        counted(reply, expected).forEach(entry -> rows.add(entry.path("embedding")));
        return rows;
    }

    private static JsonNode counted(JsonNode data, int expected) {
        if (!data.isArray() || data.size() != expected) {
            throw RemoteTrouble.invalid(
                    "there must be an answer for each of " + expected + " prefixes: were " + data.size());
        }
        return data;
    }

    @Override
    public Optional<ServerLoad> load() throws InterruptedException {
        return LoadWatch.read(endpoint);
    }

    @Override
    public Optional<String> nameInReplies() {
        return endpoint.servedName().get();
    }

    @Override
    public void close() {
        endpoint.close();
    }
}
