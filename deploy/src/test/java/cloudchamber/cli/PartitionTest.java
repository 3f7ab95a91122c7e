package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.coordinator.membership.Register;
import cloudchamber.node.LeaseAuthorities;
import cloudchamber.node.LeaseKeeper;
import cloudchamber.protocol.wire.LeaseReply;
import cloudchamber.protocol.wire.Role;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.remote.RemoteActorRefProvider;
import org.apache.pekko.remote.transport.ThrottlerTransportAdapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A cluster that falls in two, under the settings of every node: the part with most coordinators survives. The nodes
 * share a register in memory, as they would in a database that all reach.
 */
@SuppressWarnings("deprecation") // The switch that cuts connections stands in a class that is deprecated otherwise.
class PartitionTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final List<ActorSystem<Void>> nodes = new ArrayList<>();
    private final AtomicReference<Register> register = new AtomicReference<>(Register.empty(0));

    @AfterEach
    void stop() {
        nodes.forEach(ActorSystem::terminate);
        nodes.forEach(node -> node.getWhenTerminated().toCompletableFuture().join());
    }

    /** One coordinator and two workers are most of the members, and yet the smaller part. */
    @Test
    void theCoordinatorsCountAndTheWorkersDoNot() {
        var cutOff = List.of(start(Role.COORDINATOR), start(Role.POLICY), start(Role.PRM));
        var others = List.of(start(Role.COORDINATOR), start(Role.COORDINATOR));
        await().atMost(PATIENCE).until(() -> nodes.stream().allMatch(node -> up(node) == nodes.size()));

        cutOff.forEach(one -> others.forEach(other -> {
            cut(one, other);
            cut(other, one);
        }));

        await().atMost(PATIENCE)
                .until(() -> cutOff.stream()
                        .allMatch(node ->
                                node.getWhenTerminated().toCompletableFuture().isDone()));
        assertThat(cutOff)
                .allSatisfy(node -> assertThat(CoordinatedShutdown.get(node).getShutdownReason())
                        .contains(CoordinatedShutdown.clusterDowningReason()));
        await().atMost(PATIENCE).until(() -> others.stream().allMatch(node -> up(node) == others.size()));
        assertThat(others)
                .noneMatch(
                        node -> node.getWhenTerminated().toCompletableFuture().isDone());
    }

    private ActorSystem<Void> start(Role role) {
        var settings = ConfigFactory.parseMap(Map.of(
                "pekko.remote.artery.canonical.port",
                0,
                "pekko.remote.artery.advanced.test-mode",
                true,
                "pekko.cluster.roles",
                List.of(role.id())));
        ActorSystem<Void> node =
                ActorSystem.create(guardian(), "partition", settings.withFallback(ConfigFactory.load()));
        nodes.add(node);
        var cluster = Cluster.get(node);
        if (role == Role.COORDINATOR) {
            coordinate(node, cluster);
        }
        cluster.join(Cluster.get(nodes.getFirst()).selfAddress());
        return node;
    }

    /** Workers claim through the coordinators. */
    private static Behavior<Void> guardian() {
        return Behaviors.setup(context -> {
            context.spawn(LeaseKeeper.create(), LeaseKeeper.NAME);
            return Behaviors.empty();
        });
    }

    private void coordinate(ActorSystem<Void> node, Cluster cluster) {
        var self = new NodeId(
                cluster.selfAddress().getHost().orElseThrow() + ":"
                        + cluster.selfAddress().getPort().orElseThrow(),
                cluster.selfUniqueAddress().longUid());
        register.updateAndGet(before -> before.renewed(self, "test", 1, Set.of()));
        LeaseAuthorities.set(
                Adapter.toClassic(node), LeaseAuthorities.by(self, cluster, Duration.ofSeconds(5), change -> {
                    var reply = new AtomicReference<LeaseReply>();
                    register.updateAndGet(before -> {
                        var changed = change.apply(before);
                        reply.set(changed.answer());
                        return changed.register();
                    });
                    return CompletableFuture.completedStage(reply.get());
                }));
    }

    private static long up(ActorSystem<Void> node) {
        return StreamSupport.stream(Cluster.get(node).state().getMembers().spliterator(), false)
                .filter(member -> member.status().equals(MemberStatus.up()))
                .count();
    }

    /** Nothing goes from one node to the other any more, nor comes from it. */
    private static void cut(ActorSystem<Void> node, ActorSystem<Void> from) {
        var classic = (ExtendedActorSystem) Adapter.toClassic(node);
        ((RemoteActorRefProvider) classic.provider())
                .transport()
                .managementCommand(new ThrottlerTransportAdapter.SetThrottle(
                        Cluster.get(from).selfAddress(), both(), ThrottlerTransportAdapter.Blackhole$.MODULE$));
    }

    /** Scala's name for it is none that Java's source can spell. */
    private static ThrottlerTransportAdapter.Direction both() {
        try {
            return (ThrottlerTransportAdapter.Direction)
                    Class.forName(ThrottlerTransportAdapter.Direction.class.getName() + "$Both$")
                            .getField("MODULE$")
                            .get(null);
        } catch (ReflectiveOperationException renamed) {
            throw new AssertionError(renamed);
        }
    }
}
