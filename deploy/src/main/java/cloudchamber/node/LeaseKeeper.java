package cloudchamber.node;

import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.protocol.membership.LeaseRequest;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Answers for a coordinator the nodes on its side that have no database. */
public final class LeaseKeeper {
    /** Of the actor, below the guardian of a coordinator's node. */
    public static final String NAME = "lease-keeper";

    private LeaseKeeper() {}

    public static Behavior<LeaseRequest> create(LeaseAuthority authority) {
        return Behaviors.receiveMessage(request -> {
            var replyTo = request.replyTo();
            authority.ask(request.kind(), NodeId.parse(request.holder())).thenAccept(replyTo::tell);
            return Behaviors.same();
        });
    }
}
