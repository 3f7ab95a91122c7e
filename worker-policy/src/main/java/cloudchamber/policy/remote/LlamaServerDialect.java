package cloudchamber.policy.remote;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteTokenizer;
import cloudchamber.worker.remote.RemoteTrouble;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;

/** llama-server's {@code /completion}: token ids in, token ids out, each request in a slot of our choice. */
public final class LlamaServerDialect extends TokenDialect {
    /*
     * Everything that moves the law is sent, for the server's defaults cut the distribution; the samplers run in the
     * order of `Sampling`. The stop text is not part of `content`; the ids are all that were drawn, the end of
     * sequence included.
     */
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long RANDOM_SEED = 0xFFFFFFFFL;

    private SlotPins pins = new SlotPins(0);

    public LlamaServerDialect(HttpEndpoint endpoint, ChatTemplate template) {
        super(endpoint, template);
    }

    @Override
    public Served describe() throws InterruptedException {
        var properties = http().get("/props", LIMIT);
        int context =
                properties.path("default_generation_settings").path("n_ctx").asInt();
        if (context < 1) {
            throw RemoteTrouble.invalid("/props must name n_ctx: does not; is this a llama-server?");
        }
        pins = new SlotPins(properties.path("total_slots").asInt(1));
        tokenizer(new RemoteTokenizer(http(), RemoteTokenizer.Dialect.LLAMA_SERVER, ""));
        var build = properties.path("build_info").asText("");
        var path = properties.path("model_path").asText("unnamed");
        return new Served(
                path.substring(path.lastIndexOf('/') + 1),
                build.isEmpty() ? "llama-server" : "llama-server-" + build,
                template(),
                context,
                "token-ids");
    }

    @Override
    public Extension extend(ExtendRequest request) throws InterruptedException {
        int maxTokens = Ends.maxTokens(request);
        var tokens = tokens(request);
        int slot = pins.take(tokens);
        try {
            var body = body(request.sampling(), maxTokens)
                    .put("seed", seed(request.seed()))
                    .put("id_slot", slot);
            var prompt = body.putArray("prompt");
            tokens.forEach(prompt::add);
            var stop = body.putArray("stop");
            request.stops().forEach(stop::add);
            return extension(
                    request, http().post("/completion", body, http().settings().limit(maxTokens)));
        } finally {
            pins.release(slot, tokens);
        }
    }

    /** A seed of 32 bits; all ones would mean a random one. */
    private static long seed(long seed) {
        long folded = (seed ^ seed >>> 32) & RANDOM_SEED;
        return folded == RANDOM_SEED ? 0 : folded;
    }

    private static ObjectNode body(Sampling sampling, int maxTokens) {
        var body = HttpEndpoint.JSON
                .createObjectNode()
                .put("n_predict", maxTokens)
                .put("temperature", sampling.temperature())
                .put("top_k", sampling.topK())
                .put("top_p", sampling.topP())
                .put("min_p", sampling.minP())
                .put("repeat_penalty", 1.0)
                .put("cache_prompt", true)
                .put("return_tokens", true);
        body.putArray("samplers").add("temperature").add("top_k").add("top_p").add("min_p");
        return body;
    }

    private Extension extension(ExtendRequest request, JsonNode reply) throws InterruptedException {
        if (!reply.path("content").isTextual()) {
            throw RemoteTrouble.invalid("a reply must have a content: had none");
        }
        if (reply.path("truncated").asBoolean()) {
            throw RemoteTrouble.invalid(
                    "a prompt must be read whole: was truncated by the server; start it with --no-context-shift");
        }
        var content = reply.path("content").asText();
        var reason = reply.path("stop_type");
        var end = Ends.of(
                reason, reason.asText("").equals("word"), reply.path("tokens").size(), request);
        List<Integer> all = RemoteTokenizer.ids(reply.path("tokens"));
        List<Integer> tokenIds = end == Ends.SEQUENCE ? withoutLast(all) : all;
        var text = end == Ends.STOP
                ? completed(content + reply.path("stopping_word").asText(), tokenIds)
                : content;
        var step = end.step(request, text, tokenIds, all.size(), 0, 0);
        var timings = reply.path("timings");
        return new Extension(
                shown(request, within(request, step, tokenizer())),
                new Usage(
                        timings.path("prompt_n")
                                .asLong(reply.path("tokens_evaluated").asLong()),
                        timings.path("cache_n").asLong(),
                        all.size()));
    }

    @Override
    public void probe() throws InterruptedException {
        http().post("/completion", body(Sampling.atTemperature(0), 1).put("prompt", "1"), LIMIT);
    }
}
