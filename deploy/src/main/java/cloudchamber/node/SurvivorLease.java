package cloudchamber.node;

import cloudchamber.coordinator.membership.ClusterView;
import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.protocol.wire.LeaseReply;
import cloudchamber.protocol.wire.LeaseRequest;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.coordination.lease.LeaseSettings;
import org.apache.pekko.coordination.lease.javadsl.Lease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lease of Pekko's split-brain resolver. {@link #acquire} is false only when another side has decided, or no
 * coordinator is on this side. While nothing is known it waits: the database may be away, or a holder silent, whose
 * time runs out.
 */
public final class SurvivorLease extends Lease {
    private static final Logger LOG = LoggerFactory.getLogger(SurvivorLease.class);
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final Duration RENEWAL = Duration.ofSeconds(1);
    /** The side with most coordinators is given this much time to claim first. */
    private static final Duration MINORITY_DELAY = Duration.ofSeconds(2);
    /**
     * From a refusal until the resolver hears of it, which downs every node it reaches. Where some node reaches both
     * sides, the decision of the other one comes first by this.
     */
    private static final Duration GRACE = Duration.ofSeconds(3);

    private final LeaseSettings settings;
    private final ExtendedActorSystem system;
    /** Counts acquisitions and releases, so that what belongs to an earlier one stops. */
    private final AtomicLong turn = new AtomicLong();

    public SurvivorLease(LeaseSettings settings, ExtendedActorSystem system) {
        this.settings = settings;
        this.system = system;
    }

    @Override
    public LeaseSettings getSettings() {
        return settings;
    }

    /** Called when the resolver has decided: the coordinators that are unreachable now are those it declares down. */
    @Override
    public CompletionStage<Boolean> acquire() {
        var done = new CompletableFuture<Boolean>();
        long mine = turn.incrementAndGet();
        var view = ClusterViews.view(Cluster.get(system));
        var against = new HashSet<>(view.coordinators());
        against.removeAll(view.reachable());
        boolean minority = against.size() * 2 > view.coordinators().size()
                || against.size() * 2 == view.coordinators().size() && against.contains(lowest(view));
        later(minority ? MINORITY_DELAY : Duration.ZERO, () -> claim(mine, Set.copyOf(against), done, ""));
        return done;
    }

    /** Of two sides of the same size it is the first to claim. */
    private static NodeId lowest(ClusterView view) {
        return Collections.min(view.coordinators(), Comparator.comparing(NodeId::toString));
    }

    @Override
    public CompletionStage<Boolean> acquire(Consumer<Optional<Throwable>> leaseLost) {
        return acquire();
    }

    private void claim(long mine, Set<NodeId> against, CompletableFuture<Boolean> done, String lastReason) {
        ask(LeaseRequest.Kind.CLAIM, against).thenAccept(reply -> {
            switch (reply.outcome()) {
                case GRANTED -> {
                    done.complete(true);
                    renewLater(mine);
                }
                case REFUSED -> {
                    LOG.warn("the other side of the cluster survives: {}", reply.reason());
                    later(GRACE, () -> done.complete(false));
                }
                case UNDECIDED -> {
                    if (!reply.reason().equals(lastReason)) {
                        LOG.warn("the decision about unreachable nodes waits: {}", reply.reason());
                    }
                    later(RETRY, () -> claim(mine, against, done, reply.reason()));
                }
            }
        });
    }

    private void renewLater(long mine) {
        later(RENEWAL, () -> {
            if (turn.get() == mine) {
                ask(LeaseRequest.Kind.RENEW, Set.of()).thenAccept(reply -> renewLater(mine));
            }
        });
    }

    @Override
    public CompletionStage<Boolean> release() {
        turn.incrementAndGet();
        return ask(LeaseRequest.Kind.RELEASE, Set.of())
                .thenApply(reply -> reply.outcome() == LeaseReply.Outcome.GRANTED);
    }

    /**
     * Never certain, so that the resolver claims for each of its decisions: a claim says which coordinators the
     * decision is against.
     */
    @Override
    public boolean checkLease() {
        return false;
    }

    private CompletionStage<LeaseReply> ask(LeaseRequest.Kind kind, Set<NodeId> against) {
        return LeaseAuthorities.of(system).ask(kind, ClusterViews.self(Cluster.get(system)), against);
    }

    private void later(Duration delay, Runnable what) {
        try {
            system.scheduler().scheduleOnce(delay, what, system.dispatcher());
        } catch (IllegalStateException stopping) {
            LOG.debug("the node stops", stopping);
        }
    }
}
