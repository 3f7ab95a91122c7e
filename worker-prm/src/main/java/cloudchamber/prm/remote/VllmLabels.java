package cloudchamber.prm.remote;

import cloudchamber.prm.format.PrmFormat;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteTrouble;
import java.util.List;

/**
 * vLLM's {@code /v1/completions} with a generative PRM or a judge: the log-probabilities of two label tokens where
 * the last step's score is read. Their difference is the log-odds; the server's sampling does not touch it.
 */
public final class VllmLabels extends VllmScoring {
    private final String good;
    private final String bad;
    private int goodToken;
    private int badToken;

    /**
     * @param good the spelling of the token that speaks for a step
     * @param bad the spelling of the token that speaks against it
     * @param model as the server names it; empty for the only one it serves
     */
    public VllmLabels(HttpEndpoint endpoint, PrmFormat format, String model, String good, String bad) {
        super(endpoint, format, model);
        this.good = good;
        this.bad = bad;
    }

    @Override
    public Served describe() throws InterruptedException {
        var served = super.describe();
        goodToken = token(good);
        badToken = token(bad);
        return served;
    }

    private int token(String label) throws InterruptedException {
        var tokens = tokenizer().encode(label);
        if (tokens.size() != 1) {
            throw new RemoteTrouble(
                    Category.MODEL_UNKNOWN,
                    "a label must be one token of the vocabulary: \"" + label + "\" is " + tokens.size());
        }
        return tokens.getFirst();
    }

    @Override
    String exactness() {
        return "label-log-probabilities";
    }

    @Override
    public int batch() {
        return 1;
    }

    @Override
    public List<Answer> score(List<Asked> asked) throws InterruptedException {
        var one = asked.getFirst();
        var body = body().put("max_tokens", 1)
                .put("temperature", 0)
                .put("logprobs", 1)
                .put("return_tokens_as_token_ids", true);
        body.putArray("logprob_token_ids").add(goodToken).add(badToken);
        put(body, "prompt", List.of(format().upToScore(one.prompt(), one.steps())));
        var reply = http().post("/v1/completions", body, http().settings().limit(1));
        var top = reply.path("choices")
                .path(0)
                .path("logprobs")
                .path("top_logprobs")
                .path(0);
        double logOdds =
                Numbers.finite(top.path("token_id:" + goodToken)) - Numbers.finite(top.path("token_id:" + badToken));
        var usage = reply.path("usage");
        long cached = usage.path("prompt_tokens_details").path("cached_tokens").asLong();
        return List.of(new Answer(
                List.of(logOdds),
                new Usage(Math.max(0, usage.path("prompt_tokens").asLong() - cached), cached, 1)));
    }
}
