package cloudchamber.policy.remote;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteTokenizer;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.VllmModels;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** SGLang's {@code /generate}: token ids in, token ids out. */
public final class SglangDialect extends TokenDialect {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private String model;

    /**
     * @param model as the server names it; empty for the only one it serves
     */
    public SglangDialect(HttpEndpoint endpoint, ChatTemplate template, String model) {
        super(endpoint, template);
        this.model = model;
    }

    @Override
    public Served describe() throws InterruptedException {
        var listed = VllmModels.find(http(), model);
        model = listed.name();
        tokenizer(new RemoteTokenizer(http(), RemoteTokenizer.Dialect.VLLM, model));
        return new Served(model, software(), template(), listed.contextTokens(), "token-ids");
    }

    private String software() throws InterruptedException {
        try {
            var version = http().get("/get_server_info", LIMIT).path("version").asText("");
            return version.isEmpty() ? "sglang" : "sglang-" + version;
        } catch (RemoteTrouble untold) {
            return "sglang";
        }
    }

    @Override
    public Extension extend(ExtendRequest request) throws InterruptedException {
        int maxTokens = Ends.maxTokens(request);
        var sampling = sampling(request.sampling(), maxTokens)
                // The server takes a non-negative seed.
                .put("sampling_seed", request.seed() & Long.MAX_VALUE);
        var stop = sampling.putArray("stop");
        stops(request).forEach(stop::add);
        var body = HttpEndpoint.JSON
                .createObjectNode()
                .put("rid", UUID.randomUUID().toString());
        body.set("sampling_params", sampling);
        var prompt = body.putArray("input_ids");
        tokens(request).forEach(prompt::add);
        return extension(
                request, http().post("/generate", body, http().settings().limit(maxTokens)));
    }

    private static ObjectNode sampling(Sampling sampling, int maxTokens) {
        return HttpEndpoint.JSON
                .createObjectNode()
                .put("max_new_tokens", maxTokens)
                .put("temperature", sampling.temperature())
                .put("top_k", sampling.topK() == 0 ? -1 : sampling.topK())
                .put("top_p", sampling.topP())
                .put("min_p", sampling.minP())
                .put("no_stop_trim", true)
                .put("skip_special_tokens", true);
    }

    private Extension extension(ExtendRequest request, JsonNode reply) throws InterruptedException {
        var meta = reply.path("meta_info");
        if (!reply.path("text").isTextual()) {
            throw RemoteTrouble.invalid("a reply must have a text: had none");
        }
        var text = reply.path("text").asText();
        var matched = meta.path("finish_reason").path("matched");
        var end = Ends.of(
                meta.path("finish_reason").path("type"),
                matched.isTextual(),
                reply.path("output_ids").size(),
                request);
        var all = RemoteTokenizer.ids(reply.path("output_ids"));
        boolean endToken =
                end == Ends.SEQUENCE && !all.isEmpty() && matched.isInt() && all.getLast() == matched.asInt();
        List<Integer> tokenIds = endToken ? withoutLast(all) : all;
        var step = end.step(request, end == Ends.STOP ? completed(text, tokenIds) : text, tokenIds, all.size(), 0, 0);
        long cached = meta.path("cached_tokens").asLong();
        return new Extension(
                shown(request, within(request, step, tokenizer())),
                new Usage(Math.max(0, meta.path("prompt_tokens").asLong() - cached), cached, all.size()));
    }

    @Override
    public void probe() throws InterruptedException {
        var body = HttpEndpoint.JSON.createObjectNode().put("text", "1");
        body.set("sampling_params", sampling(Sampling.atTemperature(0), 1));
        http().post("/generate", body, LIMIT);
    }
}
