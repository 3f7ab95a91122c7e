package cloudchamber.policy.remote;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.LoadWatch;
import cloudchamber.worker.remote.RemoteTokenizer;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.ServerLoad;
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
        return tokenizer.encode(template.render(request.prompt()), request.prefix());
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

    /** Checks a step against what was asked for. */
    static Step checked(ExtendRequest request, Step step) {
        if (step.tokenIds().size() > Ends.maxTokens(request)) {
            throw RemoteTrouble.invalid("a step must have at most " + Ends.maxTokens(request) + " tokens: had "
                    + step.tokenIds().size());
        }
        return step;
    }

    @Override
    public void close() {
        endpoint.close();
    }
}
