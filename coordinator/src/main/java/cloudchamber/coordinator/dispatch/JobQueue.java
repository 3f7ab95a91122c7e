package cloudchamber.coordinator.dispatch;

import java.util.Comparator;
import java.util.TreeSet;

/** The pieces of one job that wait for one pool, and the job's share of it. */
final class JobQueue {
    final TreeSet<Piece> waiting;
    private final JobShare share;

    /** @param served with how many turns it counts as served, so that it starts level with others */
    JobQueue(Comparator<Piece> order, double served) {
        this.waiting = new TreeSet<>(order);
        this.share = new JobShare(served);
    }

    void add(Piece piece) {
        piece.resetWaiting();
        piece.share = share;
        share.weigh(piece.weight);
        waiting.add(piece);
    }

    /** The piece goes to a worker. */
    void lease(Piece piece) {
        waiting.remove(piece);
        share.lease();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    boolean isIdle() {
        return waiting.isEmpty() && share.holdsNothing();
    }

    double served() {
        return share.served();
    }

    /** Whether its turn comes before the other's. */
    boolean before(JobQueue other) {
        return share.before(other.share);
    }
}
