package cloudchamber.node;

import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.protocol.wire.LeaseReply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.AbstractExtensionId;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Extension;
import org.apache.pekko.cluster.Cluster;

/** The lease authorities of nodes. */
public final class LeaseAuthorities {
    private LeaseAuthorities() {}

    /** Of a coordinator whose database belongs to it alone: there is no other side. */
    public static LeaseAuthority alone() {
        return (kind, holder, against) -> CompletableFuture.completedStage(LeaseReply.granted());
    }

    /**
     * Of a coordinator that shares a register with others.
     *
     * @param lifetime of the lease, if it is not renewed
     * @param changes makes one change of the register at a time
     */
    public static LeaseAuthority by(
            NodeId self, Cluster cluster, Duration lifetime, RegisterLeaseAuthority.Changes changes) {
        return new RegisterLeaseAuthority(changes, self, () -> ClusterViews.view(cluster), lifetime);
    }

    /** The one of a node: a coordinator on its side, unless another one was set. */
    public static LeaseAuthority of(ActorSystem system) {
        return Holder.ID.get(system).authority.get();
    }

    /** Sets the one of a node that coordinates. */
    public static void set(ActorSystem system, LeaseAuthority authority) {
        Holder.ID.get(system).authority.set(authority);
    }

    /** The authority of a node. */
    public static final class Holder implements Extension {
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
