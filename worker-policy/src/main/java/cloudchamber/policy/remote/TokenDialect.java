package cloudchamber.policy.remote;

import cloudchamber.policy.ThoughtOpening;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.prompt.RenderedPrompt;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.LoadWatch;
import cloudchamber.worker.remote.RemoteTokenizer;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.ServerLoad;
import cloudchamber.worker.remote.Vocabulary;
import java.util.List;
import java.util.Optional;

/**
 * What servers that take and give token ids have in common: the prompt is rendered here and tokenised there,
 * once per problem, and a particle is continued by the ids of its steps.
 */
abstract class TokenDialect implements PolicyDialect {
    /** vLLM refuses a longer list. */
    private static final int MAX_STOPS = 4;

    private final HttpEndpoint endpoint;
    private final ChatTemplate template;
    private RemoteTokenizer tokenizer;

    TokenDialect(HttpEndpoint endpoint, ChatTemplate template) {
        this.endpoint = endpoint;
        this.template = template;
    }

    @Override
    public Optional<ServerLoad> load() throws InterruptedException {
        return LoadWatch.read(endpoint);
    }

    @Override
    public Optional<String> nameInReplies() {
        return endpoint.servedName().get();
    }

    final HttpEndpoint http() {
        return endpoint;
    }

    final String template() {
        return template.id();
    }

    final void tokenizer(RemoteTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    final RemoteTokenizer tokenizer() {
        return tokenizer;
    }

    /** The ids of everything before the step asked for. */
    final List<Integer> tokens(ExtendRequest request) throws InterruptedException {
        return tokens(tokenizer, template, request);
    }

    static List<Integer> tokens(Vocabulary vocabulary, ChatTemplate template, ExtendRequest request)
            throws InterruptedException {
        var prompt = rendered(template, request);
        return vocabulary.encode(prompt, ThoughtOpening.of(prompt).written(request.prefix()));
    }

    /** The prompt in the model's own form. */
    static RenderedPrompt rendered(ChatTemplate template, ExtendRequest request) {
        var arguments = request.prompt().templateArguments();
        if (arguments != null && !template.takesArguments()) {
            throw new RemoteTrouble(
                    Category.INVALID_REQUEST,
                    "the template " + template.id() + " takes no arguments: was given " + Ends.seen(arguments));
        }
        try {
            return template.render(request.prompt());
        } catch (IllegalArgumentException refused) {
            throw new RemoteTrouble(Category.INVALID_REQUEST, refused.getMessage());
        }
    }

    /** The step as others see it: a thought begins with what opens it, also where the prompt did that. */
    final Step shown(ExtendRequest request, Step step) {
        return ThoughtOpening.of(rendered(template, request)).shown(request.prefix(), step);
    }

    @Override
    public List<Integer> control(String before, String mark, String after) throws InterruptedException {
        return control(tokenizer, before, mark, after);
    }

    static List<Integer> control(Vocabulary vocabulary, String before, String mark, String after)
            throws InterruptedException {
        return vocabulary.encode(new RenderedPrompt(List.of(
                new RenderedPrompt.Plain(before), new RenderedPrompt.Control(mark), new RenderedPrompt.Plain(after))));
    }

    /** The stop texts, if the server takes so many. */
    static List<String> stops(ExtendRequest request) {
        if (request.stops().size() > MAX_STOPS) {
            throw new RemoteTrouble(
                    Category.INVALID_REQUEST,
                    "the server takes at most " + MAX_STOPS + " stop texts: were "
                            + request.stops().size());
        }
        return request.stops();
    }

    /**
     * A text that was cut right after its stop text, completed to the end of its last token: a token may reach
     * beyond the stop text, and the particle is continued by the token. Where the last two tokens leave a doubt,
     * all are decoded.
     */
    final String completed(String cut, List<Integer> tokenIds) throws InterruptedException {
        if (tokenIds.isEmpty()) {
            return cut;
        }
        var last = tokenizer.text(tokenIds.getLast());
        var before = tokenIds.size() < 2 ? "" : tokenizer.text(tokenIds.get(tokenIds.size() - 2));
        String completed = null;
        for (int length = 1; length <= Math.min(last.length(), cut.length()); length++) {
            var head = cut.substring(0, cut.length() - length);
            boolean fits = cut.endsWith(last.substring(0, length))
                    && (tokenIds.size() < 2 ? head.isEmpty() : head.endsWith(before));
            if (fits && completed != null) {
                return tokenizer.decode(tokenIds);
            }
            completed = fits ? head + last : completed;
        }
        return completed == null ? tokenizer.decode(tokenIds) : completed;
    }

    /** Ids without the last, which ended the sequence. */
    static List<Integer> withoutLast(List<Integer> tokenIds) {
        return tokenIds.isEmpty() ? tokenIds : tokenIds.subList(0, tokenIds.size() - 1);
    }

    /** A step cut at the tokens asked for, if the server went on beyond them; its log-probability is not known then. */
    static Step within(ExtendRequest request, Step step, Vocabulary vocabulary) throws InterruptedException {
        int most = Ends.maxTokens(request);
        if (step.tokenIds().size() <= most) {
            return step;
        }
        var tokenIds = step.tokenIds().subList(0, most);
        return Ends.LENGTH.step(request, vocabulary.decode(tokenIds), tokenIds, most, 0, 0);
    }

    @Override
    public void close() {
        endpoint.close();
    }
}
