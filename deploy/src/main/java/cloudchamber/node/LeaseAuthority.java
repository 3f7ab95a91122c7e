package cloudchamber.node;

import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.protocol.wire.LeaseReply;
import cloudchamber.protocol.wire.LeaseRequest;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Whoever says which side of a partition survives. */
@FunctionalInterface
public interface LeaseAuthority {

    /**
     * Never fails: what cannot be known is undecided.
     *
     * @param against the coordinators that a claim's decision is against; empty for what is no claim
     */
    CompletionStage<LeaseReply> ask(LeaseRequest.Kind kind, NodeId holder, Set<NodeId> against);
}
