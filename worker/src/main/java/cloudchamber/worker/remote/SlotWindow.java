package cloudchamber.worker.remote;

import java.time.Duration;

/**
 * How many requests a server is given at once: one more for each window of successes, half as many on a sign
 * of overload, never above the cap. A value; time is passed in.
 *
 * @param limit in [1, cap]
 * @param quietUntilNanos signs of overload before this are of the same crowd and change nothing
 */
record SlotWindow(double limit, int cap, long quietUntilNanos) {
    private static final double DECREASE = 0.5;
    private static final long QUIET_NANOS = Duration.ofSeconds(1).toNanos();

    /** Open to the cap. */
    static SlotWindow open(int cap, long nowNanos) {
        return new SlotWindow(cap, cap, nowNanos);
    }

    int slots() {
        return (int) limit;
    }

    /**
     * After a success.
     *
     * @param full whether all slots were busy; a window that is not used does not grow
     */
    SlotWindow succeeded(boolean full) {
        return full ? new SlotWindow(Math.min(cap, limit + 1 / limit), cap, quietUntilNanos) : this;
    }

    SlotWindow overloaded(long nowNanos) {
        return nowNanos - quietUntilNanos < 0
                ? this
                : new SlotWindow(Math.max(1, limit * DECREASE), cap, nowNanos + QUIET_NANOS);
    }
}
