package cloudchamber.protocol.wire;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * How a worker is doing, repeated with every renewal.
 *
 * @param running requests in its backend
 * @param completed requests answered since it started
 * @param refused requests refused since it started
 * @param promptTokens read since it started, cached ones not counted
 * @param cachedTokens found in a cache since it started
 * @param completionTokens generated since it started
 * @param lastError the detail of the last refusal, if no success followed; otherwise empty. A refusal that belongs
 *     to the work, such as that of a prefix that is not held, is no error
 * @param lastErrorAtMillis when it was, in milliseconds since 1970; 0 if there was none
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
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long lastErrorAtMillis,
        boolean draining) {
    /** Of a worker that has just started. */
    public static final WorkerStatus NEW = new WorkerStatus(0, 0, 0, 0, 0, 0, "", 0, false);
}
