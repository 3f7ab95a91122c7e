package cloudchamber.coordinator.job;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.ShardCoordinator;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingQuery;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.cluster.sharding.typed.testkit.javadsl.TestEntityRef;

/** Sharding without a cluster: every entity is one actor, so that a test sees what entities are told. */
public final class ProbedSharding extends ClusterSharding {
    private final ActorRef<?> everyEntity;

    public ProbedSharding(ActorRef<?> everyEntity) {
        this.everyEntity = everyEntity;
    }

    @Override
    public <M> EntityRef<M> entityRefFor(EntityTypeKey<M> type, String id) {
        return TestEntityRef.of(type, id, everyEntity.unsafeUpcast());
    }

    @Override
    public <M> EntityRef<M> entityRefFor(EntityTypeKey<M> type, String id, String dataCenter) {
        return entityRefFor(type, id);
    }

    @Override
    public <M, E> ActorRef<E> init(Entity<M, E> entity) {
        throw new UnsupportedOperationException("entities must not be started here: was " + entity);
    }

    @Override
    public ActorRef<ClusterShardingQuery> shardState() {
        throw new UnsupportedOperationException("there are no shards here");
    }

    @Override
    public ShardCoordinator.ShardAllocationStrategy defaultShardAllocationStrategy(ClusterShardingSettings settings) {
        throw new UnsupportedOperationException("there are no shards here");
    }
}
