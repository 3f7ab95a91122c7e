package cloudchamber.node;

import cloudchamber.coordinator.membership.ClusterView;
import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.protocol.wire.Role;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.UniqueAddress;

/** Reads Pekko's cluster. */
final class ClusterViews {
    private static final Set<MemberStatus> GONE =
            Set.of(MemberStatus.removed(), MemberStatus.down(), MemberStatus.exiting());

    private ClusterViews() {}

    /** Of a node's own life. */
    static NodeId self(Cluster cluster) {
        return id(cluster.selfUniqueAddress());
    }

    static NodeId id(UniqueAddress node) {
        var address = node.address();
        return new NodeId(
                address.getHost().orElseThrow() + ":" + address.getPort().orElseThrow(), node.longUid());
    }

    /** The members that are neither down nor on their way out. */
    static Stream<Member> inside(Cluster cluster) {
        return StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
                .filter(member -> !GONE.contains(member.status()));
    }

    static ClusterView view(Cluster cluster) {
        var unreachable = cluster.state().getUnreachable();
        var coordinators = inside(cluster)
                .filter(member -> member.hasRole(Role.COORDINATOR.id()))
                .toList();
        return new ClusterView(
                standing(cluster.selfMember().status()),
                ids(coordinators),
                ids(coordinators.stream()
                        .filter(member -> !unreachable.contains(member))
                        .toList()));
    }

    private static ClusterView.Standing standing(MemberStatus status) {
        if (status.equals(MemberStatus.removed())) {
            return ClusterView.Standing.OUTSIDE;
        }
        return status.equals(MemberStatus.joining()) ? ClusterView.Standing.JOINING : ClusterView.Standing.MEMBER;
    }

    private static Set<NodeId> ids(List<Member> members) {
        return members.stream().map(member -> id(member.uniqueAddress())).collect(Collectors.toSet());
    }
}
