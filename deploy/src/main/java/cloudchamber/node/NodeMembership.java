package cloudchamber.node;

import cloudchamber.coordinator.journal.MembershipStore;
import cloudchamber.coordinator.journal.StorageSettings;
import cloudchamber.coordinator.membership.NodeId;
import java.util.List;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.Cluster;

/** Starts what makes a node a member of a cluster. */
public final class NodeMembership {
    private NodeMembership() {}

    /**
     * Starts what makes a coordinator a member of the one cluster of its database, and answers for it who survives a
     * partition. A database that belongs to this process alone needs neither: the coordinator forms a cluster at once.
     *
     * @param version of the program, for people
     * @throws IllegalArgumentException if the settings do not fit each other
     */
    public static void startCoordinator(ActorContext<?> context, String version) {
        var system = context.getSystem();
        var config = system.settings().config();
        var storage = StorageSettings.from(config);
        if (storage.url().isEmpty()) {
            start(context, LeaseAuthorities.alone());
            ClusterActions.form(system);
            return;
        }
        var settings = MembershipConfiguration.from(config);
        var cluster = Cluster.get(system);
        var self = ClusterViews.self(cluster);
        var store = MembershipStore.open(storage);
        start(context, LeaseAuthorities.by(self, cluster, settings.leaseLifetime(), store::change));
        context.spawn(CoordinatorMembership.create(store, settings, version), "membership");
        leaveAtTheEnd(system, store, self);
    }

    private static void start(ActorContext<?> context, LeaseAuthority authority) {
        LeaseAuthorities.set(Adapter.toClassic(context.getSystem()), authority);
        context.spawn(LeaseKeeper.create(), LeaseKeeper.NAME);
    }

    /** Whoever stops in an orderly way, or goes down by itself, is not waited for. */
    private static void leaveAtTheEnd(ActorSystem<?> system, MembershipStore store, NodeId self) {
        CoordinatedShutdown.get(system)
                .addTask(
                        CoordinatedShutdown.PhaseBeforeActorSystemTerminate(),
                        "leave-register",
                        () -> store.closeWith(register ->
                                        new MembershipStore.Changed<>(register.without(self), Done.getInstance()))
                                .exceptionally(unreachable -> Done.getInstance()));
    }

    /**
     * Starts what makes a worker a member of its coordinators' cluster.
     *
     * @param contacts {@code HOST:PORT} each
     */
    public static void startWorker(ActorContext<?> context, List<String> contacts) {
        var settings =
                MembershipConfiguration.from(context.getSystem().settings().config());
        context.spawn(WorkerMembership.create(settings, contacts), "membership");
    }
}
