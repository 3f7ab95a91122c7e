package cloudchamber.protocol.wire;

import cloudchamber.protocol.serial.SerialName;
import cloudchamber.protocol.serial.SerialNames;
import java.util.List;

/** The names of what coordinators and workers say to each other. */
public final class WireNames implements SerialNames {
    @Override
    public List<SerialName> names() {
        return List.of(
                SerialName.of("dispatcher.announce.1", DispatcherMessage.Announce.class),
                SerialName.of("dispatcher.offer.1", DispatcherMessage.Offer.class),
                SerialName.of("dispatcher.renew.1", DispatcherMessage.Renew.class),
                SerialName.of("dispatcher.leave.1", DispatcherMessage.Leave.class),
                SerialName.of("worker.pass-on.1", WorkerControl.PassOn.class),
                SerialName.of("worker.work-available.1", WorkerControl.WorkAvailable.class),
                SerialName.of("worker.announce-again.1", WorkerControl.AnnounceAgain.class),
                SerialName.of("worker.cancel.1", WorkerControl.Cancel.class),
                SerialName.of("worker.drain.1", WorkerControl.Drain.class),
                SerialName.of("lease.request.1", LeaseRequest.class),
                SerialName.of("lease.reply.1", LeaseReply.class),
                SerialName.of("policy.extend.1", Extend.class),
                SerialName.of("policy.extended.1", Extended.class),
                SerialName.of("prm.score.1", Score.class),
                SerialName.of("prm.scored.1", Scored.class));
    }
}
