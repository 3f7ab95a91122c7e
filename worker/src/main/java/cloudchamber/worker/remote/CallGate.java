package cloudchamber.worker.remote;

import cloudchamber.protocol.model.Refusal.Category;
import java.time.Duration;
import java.util.Optional;

/**
 * Decides which calls a server gets: as many at once as it bears, one probe at a time while it is down, none while it
 * asks to be left alone. Deterministic; time is passed in. Not safe for threads.
 */
final class CallGate {

    /** What becomes of a call that asks to go. */
    sealed interface Entry {

        /** @param probes whether the caller must probe first */
        record Go(boolean probes) implements Entry {}

        /** All slots are busy: wait for one. */
        record Full() implements Entry {}

        /**
         * The server gets no calls for a while.
         *
         * @param untilNanos when to ask again; a change may come before
         */
        record Shut(long untilNanos, Category category, String why) implements Entry {}
    }

    private static final long UNKNOWN = -1;

    private SlotWindow window;
    private Circuit circuit = Circuit.closed();
    private int running;
    private long serverRuns = UNKNOWN;
    private boolean resting;
    private long restsUntilNanos;

    CallGate(int slots) {
        this.window = SlotWindow.open(slots);
    }

    Entry enter(long nowNanos) {
        if (resting && nowNanos - restsUntilNanos < 0) {
            return new Entry.Shut(
                    restsUntilNanos,
                    Category.OVERLOADED,
                    "the server asked to be left alone for another "
                            + Duration.ofNanos(restsUntilNanos - nowNanos).toSeconds() + " s");
        }
        resting = false;
        if (circuit.state() == Circuit.State.CLOSED) {
            if (running >= window.slots()) {
                return new Entry.Full();
            }
            running++;
            return new Entry.Go(false);
        }
        if (circuit.mayProbe(nowNanos)) {
            circuit = circuit.probing();
            running++;
            return new Entry.Go(true);
        }
        return new Entry.Shut(
                circuit.state() == Circuit.State.OPEN ? circuit.untilNanos() : Long.MAX_VALUE,
                Category.BACKEND_UNAVAILABLE,
                "the server did not answer " + circuit.failures() + " calls in a row");
    }

    /** A probe succeeded. */
    void probed() {
        circuit = circuit.succeeded();
    }

    void succeeded(long begunNanos) {
        window = window.returned(begunNanos).succeeded(running >= window.slots());
        running--;
        circuit = circuit.state() == Circuit.State.CLOSED ? circuit.succeeded() : circuit;
    }

    /**
     * A call met trouble.
     *
     * @param retryAfter how long the server asks to be left alone
     */
    void failed(Category trouble, Optional<Duration> retryAfter, long begunNanos, long nowNanos) {
        window = window.returned(begunNanos);
        switch (trouble) {
            case OVERLOADED -> {
                window = window.overloaded(least(), nowNanos);
                // A server that says it is busy is alive.
                circuit = circuit.succeeded();
            }
            case BACKEND_UNAVAILABLE, TIMED_OUT -> circuit = circuit.failed(begunNanos, nowNanos);
            case PREFIX_UNKNOWN, BACKEND_INVALID, STOPPING, MODEL_UNKNOWN, CONTEXT_OVERFLOW, INVALID_REQUEST -> {
                if (circuit.state() == Circuit.State.HALF_OPEN) {
                    circuit = circuit.failed(begunNanos, nowNanos);
                }
            }
        }
        running--;
        retryAfter.ifPresent(asked -> rest(nowNanos + asked.toNanos(), nowNanos));
    }

    private void rest(long untilNanos, long nowNanos) {
        if (!resting || untilNanos - restsUntilNanos > 0) {
            resting = untilNanos - nowNanos > 0;
            restsUntilNanos = untilNanos;
        }
    }

    /** A call ended without an answer, as nobody waits for it. */
    void abandoned(boolean probing, long begunNanos, long nowNanos) {
        running--;
        if (probing && circuit.state() == Circuit.State.HALF_OPEN) {
            circuit = circuit.failed(begunNanos, nowNanos);
        }
    }

    /**
     * The server told its load. Its own queue is no overload, it keeps the server busy; that it throws requests out
     * of its cache while calls of ours are out is.
     *
     * @param before the load it told before
     */
    void observed(ServerLoad load, ServerLoad before, long nowNanos) {
        serverRuns = Math.round(load.running());
        if (running > 0 && load.preemptedSince(before)) {
            window = window.overloaded(least(), nowNanos);
        }
    }

    /** Requests that the server is known to serve at once for us. */
    private int least() {
        return (int) Math.min(running, Math.max(0, serverRuns));
    }

    int slots() {
        return window.slots();
    }

    int running() {
        return running;
    }

    boolean isOpen() {
        return circuit.state() == Circuit.State.CLOSED;
    }
}
