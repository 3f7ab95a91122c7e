package cloudchamber.protocol.model;

/**
 * What one request cost the backend, in tokens.
 *
 * @param promptTokens read for this request, not found in a cache
 * @param cachedTokens of the prefix that were found in a cache
 * @param completionTokens generated
 */
public record Usage(long promptTokens, long cachedTokens, long completionTokens) {
    /** Nothing. */
    public static final Usage NONE = new Usage(0, 0, 0);

    public Usage plus(Usage other) {
        return new Usage(
                promptTokens + other.promptTokens,
                cachedTokens + other.cachedTokens,
                completionTokens + other.completionTokens);
    }
}
