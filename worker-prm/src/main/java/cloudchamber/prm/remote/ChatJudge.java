package cloudchamber.prm.remote;

import cloudchamber.prm.format.LabelFormat;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Usage;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.LoadWatch;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.ServerLoad;
import cloudchamber.worker.remote.VllmModels;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code /v1/chat/completions} of any chat model: it is asked whether the steps are right, and the probabilities of its
 * answer's first token are compared.
 */
public final class ChatJudge implements ScoreDialect {
    /*
     * [1] Such servers tell the likeliest tokens as text, 20 at most. Spellings of a label that differ in case or spaces
     *     are one answer and their probabilities are added. A label that is not among the likeliest has at most the
     *     probability of the least likely one that is told, and is taken to have that: the log-odds of a judge that is
     *     very sure come out less extreme than they are, with the right sign.
     */
    private static final int LIKELIEST = 20;

    private final HttpEndpoint endpoint;
    private final LabelFormat labels;
    private String model;

    /**
     * @param labels a format whose user's turn has a place for the steps
     * @param model as the server names it; empty for the only one it serves
     */
    public ChatJudge(HttpEndpoint endpoint, LabelFormat labels, String model) {
        this.endpoint = endpoint;
        this.labels = labels;
        this.model = model;
    }

    @Override
    public Served describe() throws InterruptedException {
        var listed = VllmModels.find(endpoint, model);
        model = listed.name();
        return new Served(model, "openai", labels.id(), listed.contextTokens(), "likeliest-tokens");
    }

    @Override
    public int batch() {
        return 1;
    }

    @Override
    public List<Answer> score(List<Asked> asked) throws InterruptedException {
        var one = asked.getFirst();
        var body = HttpEndpoint.JSON
                .createObjectNode()
                .put("model", model)
                .put("max_tokens", 1)
                .put("temperature", 0)
                .put("logprobs", true)
                .put("top_logprobs", LIKELIEST);
        var messages = body.putArray("messages");
        for (var message : conversation(one)) {
            messages.addObject()
                    .put("role", message.role().name().toLowerCase(Locale.ROOT))
                    .put("content", message.content());
        }
        var reply =
                endpoint.post("/v1/chat/completions", body, endpoint.settings().limit(1));
        var likeliest = reply.path("choices")
                .path(0)
                .path("logprobs")
                .path("content")
                .path(0)
                .path("top_logprobs");
        var usage = reply.path("usage");
        return List.of(new Answer(
                List.of(logOdds(likeliest)),
                new Usage(usage.path("prompt_tokens").asLong(), 0, 1)));
    }

    private List<Message> conversation(Asked asked) {
        Prompt prompt = asked.prompt();
        var messages = new ArrayList<>(prompt.messages());
        messages.set(
                messages.size() - 1,
                new Message(Message.Role.USER, labels.userTurn(prompt.lastQuestion(), String.join("", asked.steps()))));
        return messages;
    }

    /** See [1]. */
    private double logOdds(JsonNode likeliest) {
        if (likeliest.isEmpty()) {
            throw RemoteTrouble.invalid(
                    "a judge must tell the log-probabilities of its likeliest tokens: told none; does the server know"
                            + " top_logprobs?");
        }
        double good = 0;
        double bad = 0;
        double least = Double.POSITIVE_INFINITY;
        for (var told : likeliest) {
            double logProbability = Numbers.finite(told.path("logprob"));
            least = Math.min(least, logProbability);
            var token = told.path("token").asText("").strip();
            good += token.equalsIgnoreCase(labels.good()) ? Math.exp(logProbability) : 0;
            bad += token.equalsIgnoreCase(labels.bad()) ? Math.exp(logProbability) : 0;
        }
        if (good == 0 && bad == 0) {
            throw RemoteTrouble.invalid("a judge must answer " + labels.good() + " or " + labels.bad()
                    + ": neither is among its " + likeliest.size() + " likeliest tokens");
        }
        return (good == 0 ? least : Math.log(good)) - (bad == 0 ? least : Math.log(bad));
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
