package cloudchamber.node;

import cloudchamber.console.CommandFailure;
import cloudchamber.coordinator.journal.Storage;
import cloudchamber.coordinator.journal.StorageException;
import cloudchamber.protocol.wire.Role;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;

/** What keeps a node from its work. */
final class NodeTrouble {
    private NodeTrouble() {}

    /** Of a node that runs; empty if there is none. */
    static CompletionStage<Optional<String>> now(ActorSystem<?> system) {
        if (CoordinatedShutdown.get(system).getShutdownReason().isPresent()) {
            return CompletableFuture.completedStage(Optional.of("the node is about to stop"));
        }
        var member = Cluster.get(system).selfMember();
        if (!member.status().equals(MemberStatus.up())) {
            return CompletableFuture.completedStage(
                    Optional.of("the node must be up in its cluster: is " + member.status()));
        }
        return member.hasRole(Role.COORDINATOR.id())
                ? Storage.get(system)
                        .checkWritable()
                        .thenApply(found -> found.map(trouble -> "the database must take writes: it does not"))
                : CompletableFuture.completedStage(Optional.empty());
    }

    /** A database that a node cannot work with; of a damaged one with the way back. */
    static CommandFailure unusable(StorageException found, NodeOptions options) {
        if (!(found instanceof StorageException.Damaged)) {
            return CommandFailure.unavailable(found.getMessage());
        }
        return CommandFailure.unavailable(found.getMessage()
                + (options.database().isPresent()
                        ? "; bring the database back from a copy that PostgreSQL's own tools made"
                        : "; move " + options.data()
                                + " away and make it again of a copy: ./cloudchamber restore FILE --data "
                                + options.data()));
    }
}
