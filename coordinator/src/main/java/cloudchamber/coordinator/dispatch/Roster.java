package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.wire.SlotOffer;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.protocol.wire.WorkerStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The workers that are known: who they are, their slots, their health. */
final class Roster {
    private final Map<String, WorkerAnnouncement> workers = new LinkedHashMap<>();
    private final Leases leases;
    private final SlotAccounts slots;
    private final Health health;
    private final Patience patience;

    Roster(DispatchSettings settings, Leases leases, Health health, Patience patience) {
        this.leases = leases;
        this.health = health;
        this.patience = patience;
        this.slots = new SlotAccounts(settings.leaseDuration().toMillis());
    }

    // ---- words of workers

    void announce(WorkerAnnouncement announcement, long nowMillis) {
        var id = announcement.workerId();
        workers.put(id, announcement);
        slots.open(id);
        health.open(id);
        health.heard(id, nowMillis);
        patience.arrived(announcement, nowMillis);
    }

    boolean knows(String workerId) {
        return workers.containsKey(workerId);
    }

    Collection<String> ids() {
        return workers.keySet();
    }

    /** A worker that is known leaves. */
    void leave(String workerId, long nowMillis) {
        slots.close(workerId);
        health.close(workerId);
        patience.left(workers.remove(workerId), nowMillis);
    }

    // ---- success and trouble

    /** A worker did some work. */
    void succeeded(String workerId) {
        if (knows(workerId)) {
            patience.succeeded(workers.get(workerId));
        }
    }

    /**
     * A worker failed to do some work, by no fault of the work.
     *
     * @param sinceMillis when the work was given to it
     */
    void failed(String workerId, String reason, long sinceMillis, long nowMillis) {
        if (knows(workerId)) {
            patience.failed(workers.get(workerId), reason, sinceMillis, nowMillis);
        }
    }

    /** @param offer null for none */
    void offered(String workerId, SlotOffer offer, long nowMillis) {
        if (knows(workerId) && offer != null) {
            health.heard(workerId, nowMillis);
            slots.offered(workerId, offer);
        }
    }

    /**
     * A renewal of a worker that is known.
     *
     * @return the slots given back, to be said again; empty if the worker knows of them
     */
    List<DispatchEffect> renewed(
            String workerId,
            long slotsReturned,
            long requestsReceived,
            boolean keep,
            List<Long> held,
            WorkerStatus status,
            long nowMillis) {
        health.reported(workerId, status);
        for (var lease : held) {
            leases.renew(workerId, lease, nowMillis);
            slots.arrived(workerId, lease);
        }
        slots.renewed(workerId, requestsReceived, keep, nowMillis);
        long returned = slots.returned(workerId);
        return slotsReturned < returned ? List.of(new DispatchEffect.PassOn(workerId, returned)) : List.of();
    }

    /** The worker has the request of the lease. */
    void arrived(String workerId, long lease) {
        slots.arrived(workerId, lease);
    }

    // ---- slots

    /** Gives one slot of a worker to a piece of work. */
    Leases.Lease grant(Piece piece, String workerId, long nowMillis) {
        if (leases.count(workerId) == 0) {
            health.beginsToWork(workerId, nowMillis);
        }
        var lease = leases.grant(piece, workerId, nowMillis);
        slots.take(workerId, lease.id(), nowMillis);
        return lease;
    }

    private int freeSlots(String workerId, long nowMillis) {
        if (!health.isUsable(workerId, leases.count(workerId), nowMillis)) {
            return 0;
        }
        int free = slots.free(workerId);
        return health.isEjected(workerId) ? Math.min(1, free) : free;
    }

    /** Gives back the slots that may not be kept. */
    List<DispatchEffect> passOn(Set<String> kept, long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        for (var id : workers.keySet()) {
            int free = freeSlots(id, nowMillis);
            if (!slots.keeps(id) && free > 0 && !kept.contains(id)) {
                effects.add(new DispatchEffect.PassOn(id, slots.passOn(id, free)));
            }
        }
        return effects;
    }

    /** Tells those of the workers that passed their slots on of work that is left for them. */
    List<DispatchEffect> wakeUp(List<String> ids) {
        var effects = new ArrayList<DispatchEffect>();
        for (var id : ids) {
            if (slots.wantsWakeUp(id)) {
                slots.wokenUp(id);
                effects.add(new DispatchEffect.TellWorkAvailable(id));
            }
        }
        return effects;
    }

    // ---- questions

    /** Null if the worker is not known any more. */
    String numericsClass(String workerId) {
        return knows(workerId) ? workers.get(workerId).numericsClass().id() : null;
    }

    /** The workers of a pool, in the order in which they came. */
    List<Placing.Server> serving(Pool pool, long nowMillis) {
        return workers.values().stream()
                .filter(worker -> Pool.of(worker).equals(pool))
                .map(worker -> server(worker, nowMillis))
                .toList();
    }

    private Placing.Server server(WorkerAnnouncement worker, long nowMillis) {
        var id = worker.workerId();
        return new Placing.Server(
                worker,
                freeSlots(id, nowMillis),
                health.isUsable(id, leases.count(id), nowMillis),
                health.isEjected(id),
                leases.count(id),
                health.meanServiceMillis(id));
    }

    List<WorkerView> views(long nowMillis) {
        return workers.values().stream().map(worker -> view(worker, nowMillis)).toList();
    }

    private WorkerView view(WorkerAnnouncement worker, long nowMillis) {
        var id = worker.workerId();
        return new WorkerView(
                worker,
                health.status(id),
                leases.count(id),
                freeSlots(id, nowMillis),
                health.isSilent(id, nowMillis),
                health.isEjected(id));
    }
}
