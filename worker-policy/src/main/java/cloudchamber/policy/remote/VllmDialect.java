package cloudchamber.policy.remote;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteModel;
import cloudchamber.worker.remote.RemoteTokenizer;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.VllmModels;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** vLLM's {@code /v1/completions}: token ids in, token ids out. */
public final class VllmDialect extends TokenDialect {
    /*
     * [1] `token_ids` holds the end-of-sequence token and the whole of the token a stop text ends in; the text does
     *     not. See TokenDialect.completed.
     * [2] The server's log-probabilities are the raw model's. They are the law really sampled at temperature 1
     *     without truncation alone, and are asked for only there.
     * [3] A salt a job keeps one tenant from timing another's prefixes, and costs a system prompt a job.
     */
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int SALT_CHARACTERS = 32;

    private final boolean logProbabilities;
    private String model;

    /**
     * @param model as the server names it; empty for the only one it serves
     * @param logProbabilities whether log-probabilities are asked for where they are of the law really sampled
     */
    public VllmDialect(HttpEndpoint endpoint, ChatTemplate template, String model, boolean logProbabilities) {
        super(endpoint, template);
        this.model = model;
        this.logProbabilities = logProbabilities;
    }

    @Override
    public Served describe() throws InterruptedException {
        var listed = VllmModels.find(http(), model);
        model = listed.name();
        tokenizer(new RemoteTokenizer(http(), RemoteTokenizer.Dialect.VLLM, model));
        return new Served(model, VllmModels.software(http(), "vllm"), template(), listed.contextTokens(), "token-ids");
    }

    @Override
    public Extension extend(ExtendRequest request) throws InterruptedException {
        int maxTokens = Ends.maxTokens(request);
        var body = body(maxTokens, request.sampling()).put("seed", request.seed());
        var prompt = body.putArray("prompt");
        tokens(request).forEach(prompt::add);
        if (!request.stops().isEmpty()) {
            var stop = body.putArray("stop");
            stops(request).forEach(stop::add);
            body.put("include_stop_str_in_output", true);
        }
        body.put(
                "cache_salt",
                RemoteModel.sha256("salt\n" + request.key().step().job()).substring(0, SALT_CHARACTERS));
        boolean told = logProbabilities && request.sampling().equals(Sampling.atTemperature(1));
        if (told) {
            body.put("logprobs", 0);
        }
        var reply = http().post("/v1/completions", body, http().settings().limit(maxTokens));
        return extension(request, reply, told);
    }

    private ObjectNode body(int maxTokens, Sampling sampling) {
        return HttpEndpoint.JSON
                .createObjectNode()
                .put("model", model)
                .put("max_tokens", maxTokens)
                .put("temperature", sampling.temperature())
                .put("top_k", sampling.topK())
                .put("top_p", sampling.topP())
                .put("min_p", sampling.minP())
                .put("add_special_tokens", false)
                .put("return_token_ids", true)
                .put("request_id", UUID.randomUUID().toString());
    }

    private Extension extension(ExtendRequest request, JsonNode reply, boolean told) throws InterruptedException {
        if (reply.path("choices").size() != 1) {
            throw RemoteTrouble.invalid(
                    "a reply must have one choice: had " + reply.path("choices").size());
        }
        var choice = reply.path("choices").get(0);
        if (!choice.path("text").isTextual()) {
            throw RemoteTrouble.invalid("a choice must have a text: had none");
        }
        var text = choice.path("text").asText();
        var end = Ends.of(
                choice.path("finish_reason"),
                choice.path("stop_reason").isTextual(),
                choice.path("token_ids").size(),
                request);
        List<Integer> all = RemoteTokenizer.ids(choice.path("token_ids"));
        var tokenIds = end == Ends.SEQUENCE ? withoutLast(all) : all;
        double logProbability = told ? sum(numbers(choice.path("logprobs").path("token_logprobs")), all.size()) : 0;
        var step = end.step(
                request,
                end == Ends.STOP ? completed(text, tokenIds) : text,
                tokenIds,
                all.size(),
                logProbability,
                told ? all.size() : 0);
        return new Extension(
                shown(request, within(request, step, tokenizer())), usage(reply.path("usage"), all.size()));
    }

    private static List<Double> numbers(JsonNode array) {
        var numbers = new ArrayList<Double>();
        array.forEach(value -> numbers.add(value.isNumber() ? value.asDouble() : Double.NaN));
        return numbers;
    }

    /** The sum of the log-probabilities of {@code count} tokens, each of which must be one. */
    static double sum(List<? extends Number> logProbabilities, int count) {
        if (logProbabilities.size() != count) {
            throw RemoteTrouble.invalid("there must be a log-probability for each of " + count + " tokens: were "
                    + logProbabilities.size());
        }
        double sum = 0;
        for (var value : logProbabilities) {
            if (!Double.isFinite(value.doubleValue()) || value.doubleValue() > 1e-6) {
                throw RemoteTrouble.invalid("a log-probability must be a number up to 0: was " + value);
            }
            sum += Math.min(0, value.doubleValue());
        }
        return sum;
    }

    static Usage usage(JsonNode usage, int generated) {
        long prompt = usage.path("prompt_tokens").asLong();
        long cached = usage.path("prompt_tokens_details").path("cached_tokens").asLong();
        return new Usage(Math.max(0, prompt - cached), cached, generated);
    }

    @Override
    public void probe() throws InterruptedException {
        var body = body(1, Sampling.atTemperature(0));
        body.put("prompt", "1");
        http().post("/v1/completions", body, LIMIT);
    }
}
