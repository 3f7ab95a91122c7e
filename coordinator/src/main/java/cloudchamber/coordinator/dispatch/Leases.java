package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.StepKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The leases that live, and what is remembered of those that ended. */
final class Leases {

    /** A slot of a worker, given to one attempt of a piece of work. */
    record Lease(long id, Piece piece, String workerId, long sinceMillis) {}

    /** Leases remembered as answered, and as overdue. */
    private static final int MAX_REMEMBERED = 1 << 16;

    private final long leaseMillis;
    private final Map<Long, Lease> leases = new HashMap<>();
    private final Map<String, Map<Long, Long>> expiryMillisByWorker = new HashMap<>();
    private final Set<Long> answered = new LinkedHashSet<>();
    private final Map<Long, StepKey> overdue = new LinkedHashMap<>();
    private long next;

    /** @param leaseMillis how long a lease lives without being renewed */
    Leases(long leaseMillis) {
        this.leaseMillis = leaseMillis;
    }

    Lease grant(Piece piece, String workerId, long nowMillis) {
        var lease = new Lease(next++, piece, workerId, nowMillis);
        piece.leaseBy(lease.id());
        leases.put(lease.id(), lease);
        expiryMillisByWorker
                .computeIfAbsent(workerId, id -> new LinkedHashMap<>())
                .put(lease.id(), nowMillis + leaseMillis);
        return lease;
    }

    /** Null for one that has ended. */
    Lease get(long id) {
        return leases.get(id);
    }

    void renew(String workerId, long id, long nowMillis) {
        var expiries = expiryMillisByWorker.get(workerId);
        if (expiries != null) {
            expiries.computeIfPresent(id, (lease, expiry) -> nowMillis + leaseMillis);
        }
    }

    /**
     * Ends a lease.
     *
     * @return it; null if it had ended
     */
    Lease end(long id) {
        var lease = leases.remove(id);
        if (lease != null) {
            lease.piece().share.release();
            var expiries = expiries(lease.workerId());
            expiries.remove(id);
            if (expiries.isEmpty()) {
                expiryMillisByWorker.remove(lease.workerId());
            }
        }
        return lease;
    }

    /** The leases of a worker, oldest first. */
    List<Long> of(String workerId) {
        return List.copyOf(expiries(workerId).keySet());
    }

    int count(String workerId) {
        return expiries(workerId).size();
    }

    /** The leases of a worker that were not renewed in time, oldest first. */
    List<Long> expired(String workerId, long nowMillis) {
        return expiries(workerId).entrySet().stream()
                .filter(lease -> lease.getValue() <= nowMillis)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** How long a lease has lasted, in milliseconds; 0 of one that has ended. */
    long heldMillis(long id, long nowMillis) {
        var lease = leases.get(id);
        return lease == null ? 0 : nowMillis - lease.sinceMillis();
    }

    private Map<Long, Long> expiries(String workerId) {
        return expiryMillisByWorker.getOrDefault(workerId, Map.of());
    }

    // ---- answers

    /** Remembers that a lease ends for silence: a late result of it is still taken. */
    void rememberOverdue(long id) {
        overdue.put(id, leases.get(id).piece().work.key());
        dropOldest(overdue.keySet());
    }

    /** A reply that comes again has been counted, its tokens too. */
    boolean isFirstAnswer(long id) {
        overdue.remove(id);
        boolean first = answered.add(id);
        dropOldest(answered);
        return first;
    }

    /** Whether neither the lease lives nor it ended for silence while its work is still open. */
    boolean nobodyWaitsFor(long id, Predicate<StepKey> open) {
        return !leases.containsKey(id) && !(overdue.containsKey(id) && open.test(overdue.get(id)));
    }

    private static void dropOldest(Collection<?> remembered) {
        if (remembered.size() > MAX_REMEMBERED) {
            var oldest = remembered.iterator();
            oldest.next();
            oldest.remove();
        }
    }
}
