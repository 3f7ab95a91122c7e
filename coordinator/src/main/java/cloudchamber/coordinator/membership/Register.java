package cloudchamber.coordinator.membership;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The coordinators that share a database, and its two leases, at one moment of the database's clock. Each change is
 * made in one transaction on the rows as they are then, so that of two changes one sees the other.
 *
 * @param nowMillis the database's clock
 * @param epoch of the newest cluster on this database; 0 before the first one
 * @param founder the coordinator that formed it; empty before the first one
 * @param entries of the coordinators, ordered by node
 * @param hold of the lease that decides which side of a partition survives; empty if nobody holds it
 */
public record Register(long nowMillis, long epoch, Optional<NodeId> founder, List<Entry> entries, Optional<Hold> hold) {
    /** An entry that was not renewed for this long is removed. */
    private static final Duration RETENTION = Duration.ofHours(1);

    /**
     * A coordinator.
     *
     * @param epoch of the cluster that it is a member of; 0 if it is a member of none
     * @param seenAtMillis when it renewed its entry last
     * @param down whether a side of a partition that survived declared it down; it never comes back with this id
     * @param version of its program
     */
    public record Entry(NodeId node, long epoch, long seenAtMillis, boolean down, String version) {
        public Entry {
            Objects.requireNonNull(node);
            Objects.requireNonNull(version);
        }

        private Entry asDown() {
            return new Entry(node, epoch, seenAtMillis, true, version);
        }
    }

    /**
     * The surviving side of a partition holds the lease from its decision until the nodes it declared down are removed.
     *
     * @param holder the node that decided, a coordinator or a worker
     * @param untilMillis when it ends unless it is renewed
     */
    public record Hold(NodeId holder, long untilMillis) {}

    /** An attempt to hold the lease. */
    public sealed interface Claim {
        /** The register with it. */
        record Granted(Register register) implements Claim {}

        /** Another side has decided, and this one is not among those that survive. */
        record Refused(String reason) implements Claim {}

        /** Nothing is decided yet: the claim must be made again. */
        record Undecided(String reason) implements Claim {}
    }

    public Register {
        Objects.requireNonNull(founder);
        Objects.requireNonNull(hold);
        entries = entries.stream()
                .sorted(Comparator.comparing(entry -> entry.node().toString()))
                .toList();
    }

    /** Of a database on which there never was a cluster. */
    public static Register empty(long nowMillis) {
        return new Register(nowMillis, 0, Optional.empty(), List.of(), Optional.empty());
    }

    /** The entry of a node, if it has one. */
    public Optional<Entry> entry(NodeId node) {
        return entries.stream().filter(entry -> entry.node().equals(node)).findFirst();
    }

    /** The members of the newest cluster that are not down. */
    public Stream<Entry> members() {
        return entries.stream().filter(entry -> epoch > 0 && entry.epoch() == epoch && !entry.down());
    }

    /**
     * Renews the entry of a coordinator. Earlier lives at its address are over, for it has the port now. A coordinator
     * that has been let into a cluster takes its epoch from a member that it reaches and that is not down.
     *
     * @param knownEpoch of the cluster that the coordinator is a member of, as far as it knows; 0 if it is of none
     * @param reachable the coordinators in its cluster that it reaches; none while it is outside
     */
    public Register renewed(NodeId self, String version, long knownEpoch, Set<NodeId> reachable) {
        var before = entry(self);
        long known = Math.max(knownEpoch, before.map(Entry::epoch).orElse(0L));
        long joined = known > 0
                ? known
                : members()
                        .filter(entry -> !entry.node().equals(self) && reachable.contains(entry.node()))
                        .mapToLong(Entry::epoch)
                        .max()
                        .orElse(0);
        var renewed = new Entry(self, joined, nowMillis, before.map(Entry::down).orElse(false), version);
        var all = new ArrayList<Entry>();
        all.add(renewed);
        entries.stream()
                .filter(entry -> !entry.node().address().equals(self.address()))
                .filter(entry -> nowMillis - entry.seenAtMillis() < RETENTION.toMillis())
                .forEach(all::add);
        // Of a database that was set back to an earlier state the members know more than it does.
        return new Register(nowMillis, Math.max(epoch, joined), founder, all, hold);
    }

    /**
     * Founds a cluster: takes the next epoch.
     *
     * @param expectedEpoch the newest one as the founder saw it
     * @param expectedSeenMillis the last renewal of one of its members as the founder saw it; 0 if it saw none
     * @return empty if another coordinator founded one since, or a member has renewed its entry since
     */
    public Optional<Register> founded(NodeId self, String version, long expectedEpoch, long expectedSeenMillis) {
        boolean heardOf = members().anyMatch(entry -> entry.seenAtMillis() > expectedSeenMillis);
        if (epoch != expectedEpoch || heardOf) {
            return Optional.empty();
        }
        return Optional.of(new Register(nowMillis, epoch + 1, Optional.of(self), entries, hold)
                .renewed(self, version, epoch + 1, Set.of()));
    }

    /** Without a coordinator that has stopped. */
    public Register without(NodeId self) {
        return withEntries(
                entries.stream().filter(entry -> !entry.node().equals(self)).toList());
    }

    /**
     * Claims the lease for the side of a partition that a coordinator is on. Whoever is granted it declares the
     * coordinators of the other sides down in the same transaction, so that their claims are refused from then on,
     * also after the lease was released.
     *
     * @param self the coordinator that claims
     * @param holder the node that decides: the coordinator itself, or a worker that reaches it
     * @param against the coordinators that the decision declares down, whatever is seen of them now: it may have waited
     * @param view of the coordinator that claims
     * @param lifetime how long the lease is held if it is not renewed
     */
    public Claim claim(NodeId self, NodeId holder, Set<NodeId> against, ClusterView view, Duration lifetime) {
        var own = entry(self);
        if (own.isEmpty() || own.get().epoch() == 0) {
            return own.filter(Entry::down).isPresent()
                    ? new Claim.Refused("another side of the cluster declared this coordinator down")
                    : new Claim.Undecided("the coordinator does not know yet of which cluster it is a member");
        }
        if (own.get().down()) {
            return new Claim.Refused("another side of the cluster declared this coordinator down");
        }
        if (!holder.equals(self) && against.contains(self)) {
            return new Claim.Refused("no coordinator is on this side");
        }
        if (own.get().epoch() < epoch) {
            return new Claim.Refused("a newer cluster was formed on this database");
        }
        if (hold.filter(held -> !held.holder().equals(holder) && held.untilMillis() > nowMillis)
                .isPresent()) {
            return new Claim.Undecided("[" + hold.get().holder() + "] holds the lease");
        }
        UnaryOperator<Entry> marked = entry -> isOnThisSide(entry, self, against, view) ? entry : entry.asDown();
        return new Claim.Granted(new Register(
                nowMillis,
                epoch,
                founder,
                entries.stream().map(marked).toList(),
                Optional.of(new Hold(holder, nowMillis + lifetime.toMillis()))));
    }

    /** Whether a coordinator survives with the one that claims, or is none of the cluster's. */
    private boolean isOnThisSide(Entry entry, NodeId self, Set<NodeId> against, ClusterView view) {
        var node = entry.node();
        if (node.equals(self)) {
            return true;
        }
        boolean inCluster = entry.epoch() == epoch || view.coordinators().contains(node);
        return !inCluster || view.reachable().contains(node) && !against.contains(node);
    }

    /** With the lease renewed, if {@code holder} holds it. */
    public Register held(NodeId holder, Duration lifetime) {
        return hold.filter(held -> held.holder().equals(holder))
                .map(held -> withHold(Optional.of(new Hold(holder, nowMillis + lifetime.toMillis()))))
                .orElse(this);
    }

    /** With the lease released, if {@code holder} holds it. */
    public Register released(NodeId holder) {
        return hold.filter(held -> held.holder().equals(holder))
                .map(held -> withHold(Optional.empty()))
                .orElse(this);
    }

    private Register withEntries(List<Entry> changed) {
        return new Register(nowMillis, epoch, founder, changed, hold);
    }

    private Register withHold(Optional<Hold> changed) {
        return new Register(nowMillis, epoch, founder, entries, changed);
    }
}
