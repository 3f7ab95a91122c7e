package cloudchamber.protocol.wire;

import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** What a dispatcher tells a worker, work apart. */
public sealed interface WorkerControl extends WireMessage, WorkProtocol {

    /**
     * I had nothing for these slots.
     *
     * @param slotsReturned all slots ever given back by this dispatcher, a running total
     */
    record PassOn(ActorRef<DispatcherMessage> dispatcher, long slotsReturned) implements WorkerControl {}

    /** I have work for you: offer me slots. */
    record WorkAvailable(ActorRef<DispatcherMessage> dispatcher) implements WorkerControl {}

    /** I do not know you: announce yourself again. */
    record AnnounceAgain(ActorRef<DispatcherMessage> dispatcher) implements WorkerControl {}

    /**
     * Nobody waits for these any more.
     *
     * @param dispatcher whose leases they are: two dispatchers may use the same numbers
     */
    record Cancel(ActorRef<DispatcherMessage> dispatcher, List<Long> leases) implements WorkerControl {
        public Cancel {
            leases = List.copyOf(leases);
        }
    }

    /** Finish what runs, take nothing new, then stop. */
    record Drain() implements WorkerControl {}
}
