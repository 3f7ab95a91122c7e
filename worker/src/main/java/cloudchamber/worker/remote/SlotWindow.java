package cloudchamber.worker.remote;

/**
 * How many requests a server is given at once: half as many on a sign of overload, then twice as many after each
 * round trip up to where the sign came, then one more for each window of successes, never above the cap. At most one
 * decrease for each round trip: a sign counts if a request that was sent after the last decrease has come back. A
 * value; time is passed in.
 *
 * @param limit in [1, cap]
 * @param startsSlowBelow the limit from which it grows by one for each window of successes
 * @param decreasedNanos when it was decreased for the last time
 * @param settled whether a request that was sent after that has come back
 */
record SlotWindow(double limit, int cap, double startsSlowBelow, long decreasedNanos, boolean settled) {
    private static final double DECREASE = 0.5;

    /** Open to the cap. */
    static SlotWindow open(int cap) {
        return new SlotWindow(cap, cap, cap, 0, true);
    }

    int slots() {
        return (int) limit;
    }

    /**
     * A request came back.
     *
     * @param sentNanos when it was sent
     */
    SlotWindow returned(long sentNanos) {
        return settled || sentNanos - decreasedNanos < 0
                ? this
                : new SlotWindow(limit, cap, startsSlowBelow, decreasedNanos, true);
    }

    /**
     * After a success.
     *
     * @param full whether all slots were busy; a window that is not used does not grow
     */
    SlotWindow succeeded(boolean full) {
        if (!full) {
            return this;
        }
        double grown = limit < startsSlowBelow ? limit + 1 : limit + 1 / limit;
        return new SlotWindow(Math.min(cap, grown), cap, startsSlowBelow, decreasedNanos, settled);
    }

    /**
     * After a sign of overload.
     *
     * @param least requests that the server is known to serve at once
     */
    SlotWindow overloaded(int least, long nowNanos) {
        if (!settled) {
            return this;
        }
        double halved = Math.max(Math.max(1, least), limit * DECREASE);
        return new SlotWindow(Math.min(limit, halved), cap, limit, nowNanos, false);
    }
}
