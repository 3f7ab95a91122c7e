package cloudchamber.worker.remote;

import java.time.Duration;

/**
 * Whether a server is worth a call.
 *
 * <pre>
 *   closed --failures in a row--> open --its time is over--> half open --probe succeeds--> closed
 *                                   ^                            |
 *                                   +-------- probe fails -------+
 * </pre>
 *
 * A failure counts if its call began after the last that counted: what fails together, in the rush of a thousand
 * connections or at the end of one server process, is one piece of news. A value; time is passed in. An open circuit stays open twice as long after each failed probe, up to a bound.
 *
 * @param failures in a row that counted
 * @param failedNanos when the last of them was noticed
 * @param openings in a row
 * @param untilNanos when an open circuit may be probed
 */
record Circuit(State state, int failures, long failedNanos, int openings, long untilNanos) {
    enum State {
        CLOSED,
        OPEN,
        HALF_OPEN
    }

    static final int FAILURES_TO_OPEN = 5;
    private static final Duration SHORTEST = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofSeconds(15);

    static Circuit closed() {
        return new Circuit(State.CLOSED, 0, 0, 0, 0);
    }

    Circuit succeeded() {
        return closed();
    }

    /**
     * After a failure.
     *
     * @param begunNanos when the call that failed began
     */
    Circuit failed(long begunNanos, long nowNanos) {
        if (state != State.HALF_OPEN && failures > 0 && begunNanos - failedNanos < 0) {
            return this;
        }
        boolean opens = state == State.HALF_OPEN || failures + 1 >= FAILURES_TO_OPEN;
        if (!opens || state == State.OPEN) {
            return new Circuit(state, failures + 1, nowNanos, openings, untilNanos);
        }
        long open = Math.min(LONGEST.toNanos(), SHORTEST.toNanos() << Math.min(openings, 10));
        return new Circuit(State.OPEN, failures + 1, nowNanos, openings + 1, nowNanos + open);
    }

    /** Whether one call may try the server again. */
    boolean mayProbe(long nowNanos) {
        return state == State.OPEN && nowNanos - untilNanos >= 0;
    }

    Circuit probing() {
        return new Circuit(State.HALF_OPEN, failures, failedNanos, openings, untilNanos);
    }
}
