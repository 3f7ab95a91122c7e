package cloudchamber.protocol.wire;

import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** What a worker tells a dispatcher, its results apart. */
public sealed interface DispatcherMessage extends WireMessage, WorkProtocol {

    /** Who I am. A repeat replaces what was known of the same worker and keeps its leases. */
    record Announce(WorkerAnnouncement worker, WorkPort port, ActorRef<WorkerControl> control)
            implements DispatcherMessage {}

    /**
     * Slots for this dispatcher.
     *
     * @param slotsOffered all slots ever offered to this dispatcher, a running total
     * @param keep whether a dispatcher without work may keep the slots; false if another one may need them
     */
    record Offer(String workerId, long slotsOffered, boolean keep) implements DispatcherMessage {}

    /**
     * I am alive, and these are the leases of yours that I hold. Sent every 300 ms.
     *
     * @param slotsOffered as in {@link Offer}
     * @param slotsReturned all slots this dispatcher is known to have given back, as in {@link
     *     WorkerControl.PassOn}; fewer than it gave back tell it that a message was lost
     * @param requestsReceived all requests ever received from this dispatcher, a running total
     */
    record Renew(
            String workerId,
            long slotsOffered,
            long slotsReturned,
            long requestsReceived,
            boolean keep,
            List<Long> leases,
            WorkerStatus status,
            ActorRef<WorkerControl> control)
            implements DispatcherMessage {
        public Renew {
            leases = List.copyOf(leases);
        }
    }

    /** I stop: give my leases to others. */
    record Leave(String workerId) implements DispatcherMessage {}
}
