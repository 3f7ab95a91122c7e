package cloudchamber.protocol.wire;

import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * A node that decides about a partition asks a coordinator on its side for the lease. May come again: each request is
 * answered by itself.
 *
 * @param holder of the lease, the node that asks: {@code HOST:PORT#UID}
 * @param against the coordinators that a claim's decision is against, as {@code holder} is written; empty otherwise
 * @param replyTo gets one answer, or none if the coordinator is lost
 */
public record LeaseRequest(Kind kind, String holder, List<String> against, ActorRef<LeaseReply> replyTo)
        implements WireMessage {
    /** What is asked for. */
    public enum Kind {
        CLAIM,
        RENEW,
        RELEASE
    }

    public LeaseRequest {
        against = List.copyOf(against);
    }
}
