package cloudchamber.prm.remote;

import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prompt.RenderedPrompt;
import cloudchamber.prompt.RenderedPrompt.Beginning;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.LoadWatch;
import cloudchamber.worker.remote.RemoteTokenizer;
import cloudchamber.worker.remote.ServerLoad;
import cloudchamber.worker.remote.VllmModels;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What the ways to get a score out of vLLM have in common. */
abstract class VllmScoring implements ScoreDialect {
    private final HttpEndpoint endpoint;
    private final PrmFormat format;
    private String model;
    private RemoteTokenizer tokenizer;

    VllmScoring(HttpEndpoint endpoint, PrmFormat format, String model) {
        this.endpoint = endpoint;
        this.format = format;
        this.model = model;
    }

    @Override
    public Served describe() throws InterruptedException {
        var listed = VllmModels.find(endpoint, model);
        model = listed.name();
        tokenizer = new RemoteTokenizer(endpoint, RemoteTokenizer.Dialect.VLLM, model);
        return new Served(
                model, VllmModels.software(endpoint, "vllm"), format.id(), listed.contextTokens(), exactness());
    }

    /** What the scores are made of. */
    abstract String exactness();

    final HttpEndpoint http() {
        return endpoint;
    }

    final PrmFormat format() {
        return format;
    }

    final RemoteTokenizer tokenizer() {
        return tokenizer;
    }

    final ObjectNode body() {
        return HttpEndpoint.JSON
                .createObjectNode()
                .put("model", model)
                .put("request_id", UUID.randomUUID().toString());
    }

    /**
     * Puts prompts into a request: as texts, or as token ids where somebody spelled a control token in a question
     * or a step.
     */
    final void put(ObjectNode body, String field, List<RenderedPrompt> prompts) throws InterruptedException {
        boolean texts = prompts.stream().allMatch(RemoteTokenizer::forgesNothing);
        var input = body.putArray(field);
        for (var prompt : prompts) {
            if (texts) {
                input.add(prompt.text());
            } else {
                ArrayNode ids = input.addArray();
                tokenizer.encode(prompt).forEach(ids::add);
            }
        }
        if (texts) {
            body.put(
                    "add_special_tokens",
                    prompts.stream().allMatch(prompt -> prompt.parts().getFirst() instanceof Beginning));
        }
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
