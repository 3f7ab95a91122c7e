package cloudchamber.worker;

import java.util.concurrent.CompletableFuture;

/**
 * What does the work of a worker.
 *
 * @param <Q> a request
 * @param <R> its result
 */
public interface Backend<Q, R> extends AutoCloseable {

    /** What is served, and by what means. Constant. */
    ServedModel model();

    /**
     * Starts one request. Safe for threads. Trouble is a result, never an exceptional completion; to
     * cancel the future is to say that nobody waits any more.
     */
    CompletableFuture<R> run(Q request);

    /** Stops; requests under way end as refused. */
    @Override
    void close();
}
