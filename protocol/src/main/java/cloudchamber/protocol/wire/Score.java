package cloudchamber.protocol.wire;

import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * Prefixes to score. Idempotent, as {@code Extend} is.
 *
 * @param requests at least one, each with a lease of its own
 * @param dispatcher whose leases these are
 * @param replyTo gets one result a request, in batches of any size and order
 */
public record Score(List<ScoreRequest> requests, ActorRef<DispatcherMessage> dispatcher, ActorRef<Scored> replyTo)
        implements WireMessage, WorkProtocol {
    public Score {
        requests = List.copyOf(requests);
    }
}
