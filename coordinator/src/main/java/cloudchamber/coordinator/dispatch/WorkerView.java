package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.protocol.wire.WorkerStatus;

/** A node's line of a worker table. */
public record WorkerView(
        WorkerAnnouncement announcement,
        WorkerStatus status,
        int leases,
        int freeSlots,
        boolean silent,
        boolean ejected) {}
