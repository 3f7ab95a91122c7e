package cloudchamber.protocol.membership;

import cloudchamber.protocol.WireMessage;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * A node that decides about a partition asks a coordinator on its side for the lease. May come again: each request is
 * answered by itself.
 *
 * @param holder of the lease, the node that asks: {@code HOST:PORT#UID}
 * @param replyTo gets one answer, or none if the coordinator is lost
 */
public record LeaseRequest(Kind kind, String holder, ActorRef<LeaseReply> replyTo) implements WireMessage {
    /** What is asked for. */
    public enum Kind {
        CLAIM,
        RENEW,
        RELEASE
    }
}
