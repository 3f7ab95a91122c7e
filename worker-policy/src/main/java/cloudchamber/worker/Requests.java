package cloudchamber.worker;

import cloudchamber.protocol.control.DispatcherMessage;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Usage;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * How the shell sees one kind of request.
 *
 * @param <Q> a request
 * @param <R> its result
 * @param <E> an envelope of results
 */
public interface Requests<Q, R, E> {

    long lease(Q request);

    String model(Q request);

    Usage usage(R result);

    /** The detail of a refusal; empty for a result. */
    String refusal(R result);

    R refuse(Q request, Refusal refusal);

    E envelope(String workerId, List<R> results);

    /**
     * Requests that came together.
     *
     * @param dispatcher whose leases they are
     * @param replyTo where the envelopes go
     */
    record Batch<Q, E>(List<Q> requests, ActorRef<DispatcherMessage> dispatcher, ActorRef<E> replyTo) {
        public Batch {
            requests = List.copyOf(requests);
        }
    }
}
