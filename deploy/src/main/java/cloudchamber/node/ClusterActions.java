package cloudchamber.node;

import cloudchamber.coordinator.membership.Action;
import java.util.Collection;
import java.util.List;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out on Pekko's cluster what membership decides. */
final class ClusterActions {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterActions.class);

    private ClusterActions() {}

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
