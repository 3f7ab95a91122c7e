package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ScoreRequest;
import java.util.List;

/** What the machine wants done. */
public sealed interface DispatchEffect {

    record SendExtend(String workerId, List<ExtendRequest> requests) implements DispatchEffect {}

    record SendScore(String workerId, List<ScoreRequest> requests) implements DispatchEffect {}

    /** Tell whoever submitted the work. */
    record Deliver(WorkResult result) implements DispatchEffect {}

    record PassOn(String workerId, long slotsReturned) implements DispatchEffect {}

    record TellWorkAvailable(String workerId) implements DispatchEffect {}

    /** For people: a worker is out of service until a probe succeeds. */
    record TellEjected(String workerId, String why) implements DispatchEffect {}

    /** For people: it is back. */
    record TellTakenBack(String workerId) implements DispatchEffect {}

    record CancelLeases(String workerId, List<Long> leases) implements DispatchEffect {}
}
