package cloudchamber.protocol.wire;

import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * Particles to extend by one step each. Idempotent: the same request gives the same step (given a
 * deterministic backend), and the one who asked ignores repeats.
 *
 * @param requests at least one, each with a lease of its own
 * @param dispatcher whose leases these are
 * @param replyTo gets one result a request, in batches of any size and order
 */
public record Extend(List<ExtendRequest> requests, ActorRef<DispatcherMessage> dispatcher, ActorRef<Extended> replyTo)
        implements WireMessage, WorkProtocol {
    public Extend {
        requests = List.copyOf(requests);
    }
}
