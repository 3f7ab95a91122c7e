package cloudchamber.protocol.wire;

/**
 * How a worker is doing, repeated with every renewal.
 *
 * @param running requests in its backend
 * @param completed requests answered since it started
 * @param refused requests refused since it started
 * @param promptTokens read since it started, cached ones not counted
 * @param cachedTokens found in a cache since it started
 * @param completionTokens generated since it started
 * @param lastError the last refusal's detail; empty if there was none
 * @param draining whether it takes no new work
 */
public record WorkerStatus(
        int running,
        long completed,
        long refused,
        long promptTokens,
        long cachedTokens,
        long completionTokens,
        String lastError,
        boolean draining) {
    /** Of a worker that has just started. */
    public static final WorkerStatus NEW = new WorkerStatus(0, 0, 0, 0, 0, 0, "", false);
}
