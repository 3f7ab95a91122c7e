package cloudchamber.coordinator.dispatch;

/** One piece of work, from submission to delivery. */
final class Piece {
    private static final long NO_LEASE = -1;
    private static final long NEVER = Long.MIN_VALUE;

    final Work work;
    /** The problem's age: smaller is older. */
    final long order;

    final long arrival;
    final long arrivalMillis;
    /** The reading of its model's clock at the arrival. */
    final long arrivalClock;

    final PrefixHolders holders;
    final double weight;
    /** How long it may meet nothing but trouble. */
    final long patienceMillis;

    /** What its job has of the pool; null until it is enqueued. */
    JobShare share;

    int attempts;
    int unusableReplies;
    /** How long its failed tries took, with the waits after them. */
    long troubledMillis;

    int prefixMisses;
    int passedOver;
    private long waitsForHolderSince = NEVER;
    private long lease = NO_LEASE;

    Piece(
            Work work,
            long order,
            double weight,
            long patienceMillis,
            long arrival,
            long arrivalMillis,
            long arrivalClock,
            PrefixHolders holders) {
        this.work = work;
        this.order = order;
        this.arrival = arrival;
        this.arrivalMillis = arrivalMillis;
        this.arrivalClock = arrivalClock;
        this.holders = holders;
        this.weight = weight;
        this.patienceMillis = patienceMillis;
    }

    boolean heldBy(String workerId) {
        return holders.holds(workerId, work.held().node());
    }

    /** Whether naming the prefix's node to the worker is enough. After a refusal for that, all of it is sent. */
    boolean mayBeBriefFor(String workerId) {
        return prefixMisses == 0 && heldBy(workerId);
    }

    // ---- its lease

    void leaseBy(long id) {
        attempts++;
        lease = id;
    }

    void endLease() {
        lease = NO_LEASE;
    }

    boolean isLeased() {
        return lease != NO_LEASE;
    }

    long lease() {
        return lease;
    }

    // ---- waiting for the worker that holds its prefix

    void waitForHolder(long nowMillis) {
        if (waitsForHolderSince == NEVER) {
            waitsForHolderSince = nowMillis;
        }
    }

    long waitedForHolderMillis(long nowMillis) {
        return waitsForHolderSince == NEVER ? 0 : nowMillis - waitsForHolderSince;
    }

    /** It begins to wait anew. */
    void resetWaiting() {
        passedOver = 0;
        waitsForHolderSince = NEVER;
    }
}
