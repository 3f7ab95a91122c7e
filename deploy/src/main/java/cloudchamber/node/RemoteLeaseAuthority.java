package cloudchamber.node;

import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.protocol.wire.LeaseReply;
import cloudchamber.protocol.wire.LeaseRequest;
import cloudchamber.protocol.wire.Role;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.RootActorPath;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.pattern.Patterns;

/** The authority of a node without a database: the coordinators that it reaches, asked in turn. */
final class RemoteLeaseAuthority implements LeaseAuthority {
    /** The name of the actor that answers on a coordinator. */
    static final String KEEPER = "lease-keeper";

    /** Longer than a coordinator waits for its database. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ActorSystem system;
    private final AtomicInteger turn = new AtomicInteger();

    RemoteLeaseAuthority(ActorSystem system) {
        this.system = system;
    }

    @Override
    public CompletionStage<LeaseReply> ask(LeaseRequest.Kind kind, NodeId holder, Set<NodeId> against) {
        var coordinators = reachable(against);
        if (coordinators.isEmpty()) {
            return CompletableFuture.completedStage(LeaseReply.refused("no coordinator is on this side"));
        }
        var coordinator = coordinators.get(Math.floorMod(turn.getAndIncrement(), coordinators.size()));
        var keeper = system.actorSelection(
                new RootActorPath(coordinator.address(), "/").child("user").child(KEEPER));
        return Patterns.askWithReplyTo(
                        keeper,
                        replyTo -> new LeaseRequest(
                                kind,
                                holder.toString(),
                                against.stream().map(NodeId::toString).toList(),
                                Adapter.toTyped(replyTo)),
                        PATIENCE)
                .handle((reply, failure) -> reply instanceof LeaseReply answer
                        ? answer
                        : LeaseReply.undecided(
                                "the coordinator at " + coordinator.address().hostPort() + " does not answer"));
    }

    private List<Member> reachable(Set<NodeId> against) {
        var cluster = Cluster.get(system);
        return ClusterViews.inside(cluster)
                .filter(member -> member.hasRole(Role.COORDINATOR.id()))
                .filter(member -> !cluster.state().getUnreachable().contains(member))
                .filter(member -> !against.contains(ClusterViews.id(member.uniqueAddress())))
                .toList();
    }
}
