package cloudchamber.worker;

import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.DispatcherMessage;
import cloudchamber.protocol.wire.SlotOffer;
import java.util.List;
import java.util.Optional;
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

    /** Why it was refused; empty for a result. */
    Optional<Refusal> refusal(R result);

    R refuse(Q request, Refusal refusal);

    /**
     * The request with all that a backend needs, from what is held; what it brings is held from now on.
     *
     * @return empty if it builds on a prefix that is not held
     */
    Optional<Q> whole(Q request, PrefixStore held);

    /** Holds what the result says, for the requests that will build on it. */
    void keep(Q request, R result, PrefixStore held);

    /** The result, cut or refused with its cost if it is too large to travel. */
    R sized(Q request, R result);

    /** At most how many bytes the result takes on a wire. */
    long bytes(R result);

    /** @param offer null if no slots go with the results */
    E envelope(String workerId, List<R> results, SlotOffer offer);

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
