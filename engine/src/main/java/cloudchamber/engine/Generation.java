package cloudchamber.engine;

/**
 * A continuation.
 *
 * @param tokens what was added to the prefix; without an end-of-generation token. Where a stop string
 *     ended inside a token, the kept part of that token is spelled by other tokens, so that these always
 *     stand for {@code text}
 * @param text the reading of {@code tokens}; a stop string is part of it
 * @param logProbability sum over all draws, in nats, under the law really sampled; 0 at temperature 0
 * @param drawnTokens how many draws, an end-of-generation token and a cut token included
 * @param promptTokens of the prefix that were read for this request
 * @param cachedTokens of the prefix that were in memory
 */
public record Generation(
        Tokens tokens,
        String text,
        End end,
        double logProbability,
        int drawnTokens,
        int promptTokens,
        int cachedTokens) {

    /** Why a generation ended. */
    public enum End {
        /** The model drew an end-of-generation token. */
        END_OF_GENERATION,
        /** The text contains a stop string. */
        STOP_STRING,
        /** The request's limit. */
        MAX_TOKENS,
        /** The model's context, or the engine's, is full. */
        CONTEXT_FULL
    }
}
