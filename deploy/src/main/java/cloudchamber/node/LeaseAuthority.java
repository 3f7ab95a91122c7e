package cloudchamber.node;

import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.protocol.membership.LeaseReply;
import cloudchamber.protocol.membership.LeaseRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.AbstractExtensionId;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Extension;

/** Whoever says which side of a partition survives. */
@FunctionalInterface
public interface LeaseAuthority {

    /** Never fails: what cannot be known is undecided. */
    CompletionStage<LeaseReply> ask(LeaseRequest.Kind kind, NodeId holder);

    /** Of a coordinator whose database belongs to it alone: there is no other side. */
    static LeaseAuthority alone() {
        return (kind, holder) -> CompletableFuture.completedStage(LeaseReply.granted());
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
