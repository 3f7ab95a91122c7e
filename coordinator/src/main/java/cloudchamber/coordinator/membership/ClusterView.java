package cloudchamber.coordinator.membership;

import java.util.Set;

/**
 * A cluster as one of its nodes, or a node outside, sees it.
 *
 * @param coordinators the coordinators in it, also unreachable ones, and this node if it is one and inside
 * @param reachable those of them that this node reaches
 */
public record ClusterView(Standing standing, Set<NodeId> coordinators, Set<NodeId> reachable) {
    /** Nothing was joined yet. */
    public static final ClusterView OUTSIDE = new ClusterView(Standing.OUTSIDE, Set.of(), Set.of());

    /** How far a node is in. */
    public enum Standing {
        OUTSIDE,
        /** Let in, and not yet agreed on by all members. */
        JOINING,
        MEMBER
    }

    public ClusterView {
        coordinators = Set.copyOf(coordinators);
        reachable = Set.copyOf(reachable);
    }
}
