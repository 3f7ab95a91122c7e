package cloudchamber.coordinator.dispatch;

import java.util.Comparator;
import java.util.TreeSet;

/** The pieces of one job that wait for one pool, and the number that the pool's workers hold. */
final class JobQueue {
    final TreeSet<Piece> waiting;
    private double weight = 1;
    private int leased;
    private double served;

    /** @param served with how many turns it counts as served, so that it starts level with others */
    JobQueue(Comparator<Piece> order, double served) {
        this.waiting = new TreeSet<>(order);
        this.served = served;
    }

    void add(Piece piece) {
        piece.resetWaiting();
        piece.queue = this;
        weight = piece.weight;
        waiting.add(piece);
    }

    /** The piece goes to a worker. */
    void lease(Piece piece) {
        waiting.remove(piece);
        served += 1 / weight;
        leased++;
    }

    /** A lease of one of its pieces ends. */
    void release() {
        leased--;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    boolean isIdle() {
        return waiting.isEmpty() && leased == 0;
    }

    double served() {
        return served;
    }

    /** Whether its turn comes before the other's. */
    boolean before(JobQueue other) {
        return share() == other.share() ? served < other.served : share() < other.share();
    }

    private double share() {
        return leased / weight;
    }
}
