package cloudchamber.policy.remote;

import cloudchamber.policy.remote.PolicyDialect.Extension;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.RemoteTrouble;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** Collects a streamed text up to the first stop text. Not safe for threads. */
final class StreamedText {
    private final ExtendRequest request;
    private final StringBuilder text = new StringBuilder();
    private final int longestStop;
    private int chunks;
    private int told = -1;
    private long promptTokens;
    private Ends end;

    StreamedText(ExtendRequest request) {
        this.request = request;
        this.longestStop =
                request.stops().stream().mapToInt(String::length).max().orElse(0);
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
        var piece =
                choice.path("text").asText(choice.path("delta").path("content").asText(""));
        if (!piece.isEmpty()) {
            chunks++;
            int from = Math.max(0, text.length() - longestStop + 1);
            text.append(piece);
            if (cut(from)) {
                end = Ends.STOP;
                return false;
            }
        }
        var reason = choice.path("finish_reason");
        if (reason.isTextual()) {
            end = switch (reason.asText()) {
                case "stop" -> Ends.SEQUENCE;
                case "length" -> Ends.LENGTH;
                case "abort" ->
                    throw new RemoteTrouble(
                            Category.BACKEND_UNAVAILABLE, "the server must finish the request: aborted it");
                default ->
                    throw RemoteTrouble.invalid("finish_reason must be stop, length or abort: was another value");
            };
        }
        return true;
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

    /** What was collected, once the stream has ended. */
    Extension extension() {
        if (end == null) {
            throw new RemoteTrouble(
                    Category.BACKEND_UNAVAILABLE, "a stream must say how the text ended: ended without");
        }
        int maxTokens = Ends.maxTokens(request);
        // Without a count from the server, a limit is taken to be the one asked for.
        int generated = told >= 0 ? told : end == Ends.LENGTH ? maxTokens : Math.min(chunks, maxTokens);
        return new Extension(
                end.step(request, text.toString(), List.of(), generated, 0, 0),
                new Usage(promptTokens, 0, Math.max(generated, 0)));
    }
}
