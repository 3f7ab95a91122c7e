package cloudchamber.coordinator.membership;

import java.util.List;

/** What a node does next. */
public sealed interface Action {

    /** Nothing, for now. */
    record Wait(String reason) implements Action {}

    /**
     * Asks these nodes to be let into their cluster; replaces those asked before.
     *
     * @param contacts {@code HOST:PORT} each; never the node itself
     */
    record Join(List<String> contacts) implements Action {
        public Join {
            contacts = List.copyOf(contacts);
        }
    }

    /**
     * Tries to take the next epoch, see {@link Register#founded}.
     *
     * @param expectedSeenMillis by the database's clock
     */
    record Found(long expectedEpoch, long expectedSeenMillis) implements Action {}

    /** Forms a cluster of which the node is the only member. */
    record Form() implements Action {}

    /** Leaves the cluster at once; the node starts again and joins. */
    record GoDown(String reason) implements Action {}
}
