package cloudchamber.engine;

import cloudchamber.protocol.model.Sampling;
import java.util.List;
import java.util.Objects;

/**
 * Asks for a continuation of a text.
 *
 * @param prefix the whole text so far; at least one token
 * @param seed of the draws: the token with index i of the continuation uses position i of this stream
 * @param stops the continuation ends with the first of these that it contains; none may be empty
 * @param maxTokens the most tokens to draw; at least 1
 */
public record GenerateRequest(Tokens prefix, Sampling sampling, long seed, List<String> stops, int maxTokens) {
    public GenerateRequest {
        Objects.requireNonNull(sampling, "sampling");
        stops = List.copyOf(stops);
        if (prefix.isEmpty()) {
            throw new IllegalArgumentException("a text to continue must have at least one token: was empty");
        }
        if (stops.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("a stop string must not be empty: was, among " + stops.size());
        }
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens must be at least 1: was " + maxTokens);
        }
    }
}
