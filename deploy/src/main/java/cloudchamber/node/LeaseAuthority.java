package cloudchamber.node;

import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.protocol.wire.LeaseReply;
import cloudchamber.protocol.wire.LeaseRequest;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.AbstractExtensionId;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Extension;
import org.apache.pekko.cluster.Cluster;

/** Whoever says which side of a partition survives. */
@FunctionalInterface
public interface LeaseAuthority {

    /**
     * Never fails: what cannot be known is undecided.
     *
     * @param against the coordinators that a claim's decision is against; empty for what is no claim
     */
    CompletionStage<LeaseReply> ask(LeaseRequest.Kind kind, NodeId holder, Set<NodeId> against);

    /** Of a coordinator whose database belongs to it alone: there is no other side. */
    static LeaseAuthority alone() {
        return (kind, holder, against) -> CompletableFuture.completedStage(LeaseReply.granted());
    }

    /**
     * Of a coordinator that shares a register with others.
     *
     * @param lifetime of the lease, if it is not renewed
     * @param changes makes one change of the register at a time
     */
    static LeaseAuthority by(NodeId self, Cluster cluster, Duration lifetime, RegisterLeaseAuthority.Changes changes) {
        return new RegisterLeaseAuthority(changes, self, () -> ClusterViews.view(cluster), lifetime);
    }

    /** The one of a node: a coordinator on its side, unless another one was set. */
    static LeaseAuthority of(ActorSystem system) {
        return Holder.ID.get(system).authority.get();
    }

    /** Sets the one of a node that coordinates. */
    static void set(ActorSystem system, LeaseAuthority authority) {
        Holder.ID.get(system).authority.set(authority);
    }

    /** The authority of a node. */
    final class Holder implements Extension {
        private static final AbstractExtensionId<Holder> ID = new AbstractExtensionId<>() {
            @Override
            public Holder createExtension(ExtendedActorSystem system) {
                return new Holder(system);
            }
        };

        private final AtomicReference<LeaseAuthority> authority;

        private Holder(ExtendedActorSystem system) {
            authority = new AtomicReference<>(new RemoteLeaseAuthority(system));
        }
    }
}
