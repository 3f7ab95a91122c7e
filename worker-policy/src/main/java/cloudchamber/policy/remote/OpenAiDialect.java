package cloudchamber.policy.remote;

import cloudchamber.policy.ThoughtOpening;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Thoughts;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.LoadWatch;
import cloudchamber.worker.remote.RemoteTokenizer;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.ServerLoad;
import cloudchamber.worker.remote.VllmModels;
import com.fasterxml.jackson.core.JsonProcessingException;
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
     * [3] Some servers have a field of its own for thoughts. What they tell so is given back so, as their templates want
     *     it, once something is said: a partial thought can only be given back as text.
     * [4] A server that opens a new turn at each step is seen at temperature 0: given half of its own answer it begins
     *     that answer again, or counts the marks of a turn. It serves whole generations.
     */
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String COMPLETIONS = "/v1/completions";
    private static final String CHAT = "/v1/chat/completions";

    private static final String PROBE = "Count from one to twenty in words, separated by commas.";
    private static final int PROBE_TOKENS = 24;
    private static final int PROBE_CHARACTERS = 12;
    private static final String PROBE_PARTIAL = "One,";
    private static final int TURN_TOKENS = 4;
    private static final String NEW_TURN =
            "a server must go on with a partial answer (continue_final_message) where a method"
                    + " works step by step: opens a new turn instead; use a method of whole generations, or the kind openai";

    private final HttpEndpoint endpoint;
    private final Optional<ChatTemplate> template;
    private volatile boolean thoughtsApart;
    private volatile Boolean continues;
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
    public Optional<String> nameInReplies() {
        return endpoint.servedName().get();
    }

    @Override
    public Extension extend(ExtendRequest request) throws InterruptedException {
        return template.isPresent() ? completed(request, template.get()) : conversed(request);
    }

    private Extension completed(ExtendRequest request, ChatTemplate rendering) throws InterruptedException {
        var prompt = TokenDialect.rendered(rendering, request);
        if (!RemoteTokenizer.forgesNothing(prompt)) {
            throw new RemoteTrouble(
                    Category.INVALID_REQUEST,
                    "a question must not spell a control token for a server that takes text alone: did");
        }
        var opening = ThoughtOpening.of(prompt);
        var partial =
                opening.written(request.prefix()).stream().map(PrefixStep::text).collect(Collectors.joining());
        var body = asked(request).put("prompt", prompt.text() + partial).put("add_special_tokens", false);
        var extension = streamed(COMPLETIONS, body, request);
        return new Extension(opening.shown(request.prefix(), extension.step()), extension.usage());
    }

    private Extension conversed(ExtendRequest request) throws InterruptedException {
        var partial = StreamedText.partial(request);
        if (!partial.isEmpty() && !continues()) {
            throw new RemoteTrouble(Category.INVALID_REQUEST, NEW_TURN);
        }
        var body = asked(request);
        converse(body, request, partial);
        return streamed(CHAT, body, request);
    }

    private ObjectNode asked(ExtendRequest request) {
        var body = body(request.sampling(), Ends.maxTokens(request))
                .put("seed", request.seed())
                .put("stream", true);
        body.putObject("stream_options").put("include_usage", true);
        return body;
    }

    private Extension streamed(String path, ObjectNode body, ExtendRequest request) throws InterruptedException {
        var text = new StreamedText(request);
        boolean finished = endpoint.stream(path, body, endpoint.settings().limit(Ends.maxTokens(request)), text::add);
        if (text.tellsThoughtsApart()) {
            thoughtsApart = true;
        }
        return text.extension(finished);
    }

    /** See [2] and [3]. */
    private void converse(ObjectNode body, ExtendRequest request, String partial) {
        var messages = body.putArray("messages");
        for (var message : request.prompt().messages()) {
            messages.addObject()
                    .put("role", message.role().name().toLowerCase(Locale.ROOT))
                    .put("content", message.content());
        }
        if (request.prompt().templateArguments() != null) {
            body.set("chat_template_kwargs", arguments(request.prompt().templateArguments()));
        }
        if (!partial.isEmpty()) {
            var said = Thoughts.said(partial);
            var turn = messages.addObject().put("role", "assistant");
            if (thoughtsApart && !said.isBlank() && Thoughts.in(partial) && !Thoughts.open(partial)) {
                turn.put("content", said.stripLeading()).put("reasoning_content", thought(partial));
            } else {
                turn.put("content", partial);
            }
            body.put("continue_final_message", true).put("add_generation_prompt", false);
        }
    }

    private static String thought(String partial) {
        return Thoughts.of(partial).stream()
                .filter(Thoughts.Stretch::thought)
                .map(stretch -> stretch.text()
                        .replace(Thoughts.STANDARD.open(), "")
                        .replace(Thoughts.STANDARD.close(), "")
                        .strip())
                .collect(Collectors.joining("\n"));
    }

    private static JsonNode arguments(String json) {
        try {
            return HttpEndpoint.JSON.readTree(json);
        } catch (JsonProcessingException malformed) {
            throw new RemoteTrouble(
                    Category.INVALID_REQUEST, "template arguments must be a JSON object: was " + Ends.seen(json));
        }
    }

    // ---- whether a partial answer is continued

    /** Whether the server goes on where a partial answer ends; asked once. See [4]. */
    private boolean continues() throws InterruptedException {
        var known = continues;
        if (known == null) {
            known = findsOut();
            continues = known;
        }
        return known;
    }

    private boolean findsOut() throws InterruptedException {
        var fresh = greedy("");
        var text = content(fresh);
        boolean shows = text.length() >= PROBE_CHARACTERS;
        var half = shows ? text.substring(0, text.length() / 2) : PROBE_PARTIAL;
        var onward = greedy(half);
        var answer = content(onward);
        boolean beginsAgain = shows
                && answer.stripLeading().startsWith(text.stripLeading().substring(0, PROBE_CHARACTERS / 2))
                && !text.startsWith(answer.substring(0, 1), half.length());
        long halfTokens = shows ? usage(fresh, "completion_tokens") / 2 : 1;
        long more = usage(onward, "prompt_tokens") - usage(fresh, "prompt_tokens");
        return !beginsAgain && !(usage(fresh, "prompt_tokens") > 0 && more > halfTokens + TURN_TOKENS);
    }

    private static String content(JsonNode reply) {
        return reply.path("choices").path(0).path("message").path("content").asText("");
    }

    private static long usage(JsonNode reply, String count) {
        return reply.path("usage").path(count).asLong();
    }

    private JsonNode greedy(String partial) throws InterruptedException {
        var body = body(Sampling.atTemperature(0), PROBE_TOKENS);
        var messages = body.putArray("messages");
        messages.addObject().put("role", "user").put("content", PROBE);
        if (!partial.isEmpty()) {
            messages.addObject().put("role", "assistant").put("content", partial);
            body.put("continue_final_message", true).put("add_generation_prompt", false);
        }
        return endpoint.post(CHAT, body, LIMIT);
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
