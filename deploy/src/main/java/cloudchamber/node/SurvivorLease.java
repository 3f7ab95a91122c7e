package cloudchamber.node;

import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.protocol.membership.LeaseReply;
import cloudchamber.protocol.membership.LeaseRequest;
import java.time.Duration;
import java.util.Optional;
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

    @Override
    public CompletionStage<Boolean> acquire() {
        var done = new CompletableFuture<Boolean>();
        claim(turn.incrementAndGet(), done, "");
        return done;
    }

    @Override
    public CompletionStage<Boolean> acquire(Consumer<Optional<Throwable>> leaseLost) {
        return acquire();
    }

    private void claim(long mine, CompletableFuture<Boolean> done, String lastReason) {
        ask(LeaseRequest.Kind.CLAIM).thenAccept(reply -> {
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
                    later(RETRY, () -> claim(mine, done, reply.reason()));
                }
            }
        });
    }

    private void renewLater(long mine) {
        later(RENEWAL, () -> {
            if (turn.get() == mine) {
                ask(LeaseRequest.Kind.RENEW).thenAccept(reply -> renewLater(mine));
            }
        });
    }

    @Override
    public CompletionStage<Boolean> release() {
        turn.incrementAndGet();
        return ask(LeaseRequest.Kind.RELEASE).thenApply(reply -> reply.outcome() == LeaseReply.Outcome.GRANTED);
    }

    /**
     * Never certain, so that the resolver claims for each of its decisions: a claim says which coordinators the
     * decision is against.
     */
    @Override
    public boolean checkLease() {
        return false;
    }

    private CompletionStage<LeaseReply> ask(LeaseRequest.Kind kind) {
        return LeaseAuthority.of(system).ask(kind, self());
    }

    private NodeId self() {
        return ClusterViews.self(Cluster.get(system));
    }

    private void later(Duration delay, Runnable what) {
        try {
            system.scheduler().scheduleOnce(delay, what, system.dispatcher());
        } catch (IllegalStateException stopping) {
            LOG.debug("the node stops", stopping);
        }
    }
}
