package cloudchamber.node;

import cloudchamber.coordinator.journal.MembershipStore;
import cloudchamber.coordinator.journal.StorageSettings;
import cloudchamber.coordinator.membership.Action;
import cloudchamber.coordinator.membership.NodeId;
import java.util.Collection;
import java.util.List;
import org.apache.pekko.Done;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a node a member of a cluster, and carries out on Pekko's cluster what membership decides. */
public final class NodeMembership {
    private static final Logger LOG = LoggerFactory.getLogger(NodeMembership.class);

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
            start(context, LeaseAuthority.alone());
            form(system);
            return;
        }
        var settings = MembershipConfiguration.from(config);
        var cluster = org.apache.pekko.cluster.Cluster.get(system);
        var self = ClusterViews.self(cluster);
        var store = MembershipStore.open(storage);
        start(context, LeaseAuthority.by(self, cluster, settings.leaseLifetime(), store::change));
        context.spawn(CoordinatorMembership.create(store, settings, version), "membership");
        leaveAtTheEnd(system, store, self);
    }

    private static void start(ActorContext<?> context, LeaseAuthority authority) {
        LeaseAuthority.set(Adapter.toClassic(context.getSystem()), authority);
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

    /** Asks nodes to be let into their cluster. Itself it never asks: it would form one. */
    static void join(ActorSystem<?> system, Collection<String> contacts) {
        var cluster = Cluster.get(system);
        List<Address> seeds = contacts.stream()
                .map(contact -> AddressFromURIString.parse("pekko://" + system.name() + "@" + contact))
                .filter(address -> !address.equals(cluster.selfMember().address()))
                .toList();
        if (!seeds.isEmpty()) {
            LOG.info("asks {} to be let into their cluster", contacts);
            cluster.manager().tell(new JoinSeedNodes(seeds));
        }
    }

    static void form(ActorSystem<?> system) {
        var cluster = Cluster.get(system);
        LOG.info("forms a cluster");
        cluster.manager().tell(Join.create(cluster.selfMember().address()));
    }

    static void goDown(ActorSystem<?> system, Action.GoDown why) {
        var cluster = Cluster.get(system);
        LOG.warn("leaves its cluster: {}", why.reason());
        cluster.manager().tell(new Down(cluster.selfMember().address()));
    }
}
