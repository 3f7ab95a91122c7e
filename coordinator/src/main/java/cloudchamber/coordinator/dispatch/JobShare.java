package cloudchamber.coordinator.dispatch;

/** The share of one job in the slots of a pool: the leases it holds and the turns it had, by its weight. */
final class JobShare {
    private double weight = 1;
    private int leased;
    private double served;

    /** @param served with how many turns it counts as served, so that it starts level with others */
    JobShare(double served) {
        this.served = served;
    }

    void weigh(double weight) {
        this.weight = weight;
    }

    /** A piece of the job goes to a worker. */
    void lease() {
        served += 1 / weight;
        leased++;
    }

    /** A lease of one of its pieces ends. */
    void release() {
        leased--;
    }

    boolean holdsNothing() {
        return leased == 0;
    }

    double served() {
        return served;
    }

    /** Whether its turn comes before the other's. */
    boolean before(JobShare other) {
        return ofSlots() == other.ofSlots() ? served < other.served : ofSlots() < other.ofSlots();
    }

    private double ofSlots() {
        return leased / weight;
    }
}
