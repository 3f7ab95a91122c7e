package cloudchamber.coordinator.http.live;

import cloudchamber.protocol.wire.WireMessage;

/**
 * The counts of one coordinator node.
 *
 * @param jobs ended on the node since it started, by status
 * @param problems ended on the node since it started, by status
 */
record NodeCounts(String node, int jobsQueued, int jobsRunning, int problemsRunning, Ended jobs, Ended problems)
        implements WireMessage {

    record Ended(long succeeded, long failed, long cancelled) {
        static final Ended NONE = new Ended(0, 0, 0);

        Ended plus(long moreSucceeded, long moreFailed, long moreCancelled) {
            return new Ended(succeeded + moreSucceeded, failed + moreFailed, cancelled + moreCancelled);
        }

        long total() {
            return succeeded + failed + cancelled;
        }
    }
}
