package cloudchamber.worker;

import java.util.Optional;
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

    /** The name that a server gave its model in its first reply; empty if there was none or it names none. */
    default Optional<String> nameInReplies() {
        return Optional.empty();
    }

    /** Stops; requests under way end as refused. */
    @Override
    void close();
}
