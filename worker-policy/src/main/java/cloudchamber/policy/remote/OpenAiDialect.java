package cloudchamber.policy.remote;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.LoadWatch;
import cloudchamber.worker.remote.RemoteTokenizer;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.ServerLoad;
import cloudchamber.worker.remote.VllmModels;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Any server with the OpenAI routes: text in, text out, so a particle is continued by its text, which may
 * tokenise otherwise than it was drawn. Less exact than token ids.
 */
public final class OpenAiDialect implements PolicyDialect {
    /*
     * [1] Such servers do not say which stop text ended an answer, and not whether one did: a step and the end of the
     *     sequence look the same. So no stop text is sent; the answer is streamed and cut here, and the connection
     *     closed, which ends the request there. That also cuts a step that runs away.
     * [2] In chat the server renders the conversation, the partial answer with it. vLLM and SGLang go on where it ends
     *     when `continue_final_message` is set and `add_generation_prompt` explicitly not; others open a new turn.
     */
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String COMPLETIONS = "/v1/completions";
    private static final String CHAT = "/v1/chat/completions";

    private final HttpEndpoint endpoint;
    private final Optional<ChatTemplate> template;
    private String model;

    private OpenAiDialect(HttpEndpoint endpoint, Optional<ChatTemplate> template, String model) {
        this.endpoint = endpoint;
        this.template = template;
        this.model = model;
    }

    /** A server with {@code /v1/completions}; prompts are rendered here. */
    public static OpenAiDialect completions(HttpEndpoint endpoint, ChatTemplate template, String model) {
        return new OpenAiDialect(endpoint, Optional.of(template), model);
    }

    /** A server with nothing but {@code /v1/chat/completions}, which renders prompts itself. The least exact. */
    public static OpenAiDialect chat(HttpEndpoint endpoint, String model) {
        return new OpenAiDialect(endpoint, Optional.empty(), model);
    }

    @Override
    public Served describe() throws InterruptedException {
        var listed = VllmModels.find(endpoint, model);
        model = listed.name();
        return new Served(
                model,
                "openai",
                template.map(ChatTemplate::id).orElse("the-server's"),
                listed.contextTokens(),
                template.isPresent() ? "text" : "chat");
    }

    @Override
    public Optional<ServerLoad> load() throws InterruptedException {
        return LoadWatch.read(endpoint);
    }

    @Override
    public Extension extend(ExtendRequest request) throws InterruptedException {
        int maxTokens = Ends.maxTokens(request);
        var body =
                body(request.sampling(), maxTokens).put("seed", request.seed()).put("stream", true);
        body.putObject("stream_options").put("include_usage", true);
        if (template.isPresent()) {
            body.put("prompt", rendered(template.get(), request)).put("add_special_tokens", false);
        } else {
            converse(body, request);
        }
        var text = new StreamedText(request);
        endpoint.stream(
                template.isPresent() ? COMPLETIONS : CHAT,
                body,
                endpoint.settings().limit(maxTokens),
                text::add);
        return text.extension();
    }

    private static String rendered(ChatTemplate template, ExtendRequest request) {
        var prompt = template.render(request.prompt());
        if (!RemoteTokenizer.forgesNothing(prompt)) {
            throw new RemoteTrouble(
                    Category.INVALID_REQUEST,
                    "a question must not spell a control token for a server that takes text alone: did");
        }
        return prompt.text() + partial(request);
    }

    private static String partial(ExtendRequest request) {
        return request.prefix().stream().map(PrefixStep::text).collect(Collectors.joining());
    }

    /** See [2]. */
    private static void converse(ObjectNode body, ExtendRequest request) {
        var messages = body.putArray("messages");
        for (var message : request.prompt().messages()) {
            messages.addObject()
                    .put("role", message.role().name().toLowerCase(Locale.ROOT))
                    .put("content", message.content());
        }
        var partial = partial(request);
        if (!partial.isEmpty()) {
            messages.addObject().put("role", "assistant").put("content", partial);
            body.put("continue_final_message", true).put("add_generation_prompt", false);
        }
    }

    private ObjectNode body(Sampling sampling, int maxTokens) {
        var body = HttpEndpoint.JSON
                .createObjectNode()
                .put("model", model)
                .put("max_tokens", maxTokens)
                .put("temperature", sampling.temperature())
                .put("top_p", sampling.topP());
        if (sampling.topK() > 0) {
            body.put("top_k", sampling.topK());
        }
        if (sampling.minP() > 0) {
            body.put("min_p", sampling.minP());
        }
        return body;
    }

    @Override
    public void probe() throws InterruptedException {
        var body = body(Sampling.atTemperature(0), 1);
        JsonNode reply;
        if (template.isPresent()) {
            reply = endpoint.post(COMPLETIONS, body.put("prompt", "1"), LIMIT);
        } else {
            body.putArray("messages").addObject().put("role", "user").put("content", "1");
            reply = endpoint.post(CHAT, body, LIMIT);
        }
        if (reply.path("choices").isEmpty()) {
            throw RemoteTrouble.invalid("a reply must have a choice: had none");
        }
    }

    @Override
    public void close() {
        endpoint.close();
    }
}
