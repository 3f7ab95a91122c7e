package cloudchamber.policy.remote;

import cloudchamber.policy.remote.PolicyDialect.Extension;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Thoughts;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.RemoteTrouble;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Collects a streamed text up to the first stop text, or to the tokens asked for. A thought that comes in a field of its
 * own is put into the text between marks, and not cut at stop texts: such a server takes no thought back in part. Not
 * safe for threads.
 */
final class StreamedText {
    private static final String OPEN = Thoughts.STANDARD.open() + "\n";
    private static final String CLOSE = "\n" + Thoughts.STANDARD.close() + "\n\n";
    private static final List<String> THOUGHT_FIELDS = List.of("reasoning_content", "reasoning");

    private final ExtendRequest request;
    private final StringBuilder text = new StringBuilder();
    private final int longestStop;
    private boolean thoughtApart;
    private boolean thinking;
    private int said;
    private int chunks;
    private int told = -1;
    private long promptTokens;
    private JsonNode reason = MissingNode.getInstance();
    private Ends end;

    StreamedText(ExtendRequest request) {
        this.request = request;
        this.longestStop =
                request.stops().stream().mapToInt(String::length).max().orElse(0);
    }

    /** What a request's particle has said so far. */
    static String partial(ExtendRequest request) {
        return request.prefix().stream().map(PrefixStep::text).collect(Collectors.joining());
    }

    /**
     * Takes a chunk.
     *
     * @return whether more is wanted
     */
    boolean add(JsonNode chunk) {
        var usage = chunk.path("usage");
        if (usage.isObject()) {
            told = usage.path("completion_tokens").asInt(-1);
            promptTokens = usage.path("prompt_tokens").asLong();
        }
        var choice = chunk.path("choices").path(0);
        var thought = thought(choice.path("delta"));
        var piece =
                choice.path("text").asText(choice.path("delta").path("content").asText(""));
        if (!thought.isEmpty() || !piece.isEmpty()) {
            // A chunk has a token at least: one more than were asked for says that nobody counts there.
            if (chunks == Ends.maxTokens(request)) {
                end = Ends.LENGTH;
                return false;
            }
            chunks++;
            think(thought);
            if (say(piece)) {
                end = Ends.STOP;
                return false;
            }
        }
        if (choice.hasNonNull("finish_reason")) {
            reason = choice.path("finish_reason");
        }
        return true;
    }

    private static String thought(JsonNode delta) {
        for (var field : THOUGHT_FIELDS) {
            if (delta.path(field).isTextual()) {
                return delta.path(field).asText();
            }
        }
        return "";
    }

    private void think(String thought) {
        if (thought.isEmpty()) {
            return;
        }
        if (!thinking) {
            boolean goesOn = text.isEmpty() && Thoughts.open(partial(request));
            text.append(goesOn ? "" : OPEN);
            thinking = true;
            thoughtApart = true;
        }
        text.append(thought);
    }

    /** Says a piece; whether a stop text stands in what is said now. */
    private boolean say(String piece) {
        if (piece.isEmpty()) {
            return false;
        }
        if (thinking) {
            text.append(CLOSE);
            thinking = false;
            said = text.length();
        }
        int from = Math.max(said, text.length() - longestStop + 1);
        text.append(piece);
        return cut(from);
    }

    /** Cuts the text after the first stop text that begins at {@code from} or later. */
    private boolean cut(int from) {
        int first = Integer.MAX_VALUE;
        for (var stop : request.stops()) {
            int at = text.indexOf(stop, from);
            if (at >= 0) {
                first = Math.min(first, at + stop.length());
            }
        }
        if (first == Integer.MAX_VALUE) {
            return false;
        }
        text.setLength(first);
        return true;
    }

    /** Whether the server has a field of its own for thoughts. */
    boolean tellsThoughtsApart() {
        return thoughtApart;
    }

    /**
     * What was collected, once the stream has ended.
     *
     * @param finished whether the server said that it finished
     */
    Extension extension(boolean finished) {
        int maxTokens = Ends.maxTokens(request);
        if (end == null) {
            if (!finished && reason.isMissingNode()) {
                throw new RemoteTrouble(
                        Category.BACKEND_UNAVAILABLE, "a stream must say how the text ended: ended without");
            }
            end = Ends.of(reason, false, told >= 0 ? told : chunks, request);
        }
        if (thinking && end == Ends.SEQUENCE) {
            text.append(CLOSE);
        }
        // Without a count from the server, a limit is taken to be the one asked for.
        int generated = told >= 0 ? told : end == Ends.LENGTH ? maxTokens : Math.min(chunks, maxTokens);
        return new Extension(
                end.step(request, text.toString(), List.of(), generated, 0, 0),
                new Usage(promptTokens, 0, Math.max(generated, 0)));
    }
}
