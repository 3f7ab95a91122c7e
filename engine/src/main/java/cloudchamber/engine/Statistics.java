package cloudchamber.engine;

/**
 * What an engine has done since it started, and what it holds now.
 *
 * @param decodedTokens given to the native library, less padding
 * @param paddingTokens given to it only to keep others company
 * @param libraryTokens the library's own count: decoded and padding
 * @param promptTokens of requests' texts among them
 * @param cachedTokens of requests' texts that were in memory
 * @param drawnTokens drawn
 * @param repeatedTokens decoded once more although they had been decoded for the same request, or only for
 *     their logits
 * @param batches calls of the native library
 * @param evictions texts dropped for room
 * @param compactions times the cells were put together
 * @param preemptions requests put back into the queue for room
 * @param texts held now
 * @param usedCells not free now
 */
public record Statistics(
        long decodedTokens,
        long paddingTokens,
        long libraryTokens,
        long promptTokens,
        long cachedTokens,
        long drawnTokens,
        long repeatedTokens,
        long batches,
        long evictions,
        long compactions,
        long preemptions,
        int texts,
        int usedCells) {}
