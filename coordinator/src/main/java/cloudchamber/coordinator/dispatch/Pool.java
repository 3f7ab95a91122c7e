package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.WorkerAnnouncement;

/** The workers of one role that serve one model, and the work for them. */
record Pool(Role role, String model) {

    static Pool of(Work work) {
        return new Pool(work.role(), work.model());
    }

    static Pool of(WorkerAnnouncement worker) {
        return new Pool(worker.role(), worker.model());
    }
}
