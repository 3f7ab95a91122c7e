package cloudchamber.node;

import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.protocol.wire.LeaseRequest;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Answers for a coordinator the nodes on its side that have no database. */
public final class LeaseKeeper {
    /** Of the actor, below the guardian of a coordinator's node. */
    public static final String NAME = RemoteLeaseAuthority.KEEPER;

    private LeaseKeeper() {}

    /** Asks the authority of its node. */
    public static Behavior<LeaseRequest> create() {
        return Behaviors.receive((context, request) -> {
            var replyTo = request.replyTo();
            var against = request.against().stream().map(NodeId::parse).collect(Collectors.toSet());
            LeaseAuthorities.of(Adapter.toClassic(context.getSystem()))
                    .ask(request.kind(), NodeId.parse(request.holder()), against)
                    .thenAccept(replyTo::tell);
            return Behaviors.same();
        });
    }
}
