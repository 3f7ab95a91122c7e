package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The ends of leases: by a result, by a refusal, by silence, by the loss of the worker. A piece of work without a
 * result goes back to the queues as long as another try may help.
 */
final class LeaseEnds {
    private final DispatchSettings settings;
    private final Leases leases;
    private final Health health;
    private final FairQueues queues;
    private final OpenWork open;
    private final Retries retries;
    private final Roster workers;
    private final Tally tally;

    LeaseEnds(
            DispatchSettings settings,
            Leases leases,
            Health health,
            FairQueues queues,
            OpenWork open,
            Roster workers,
            Retries retries,
            Tally tally) {
        this.settings = settings;
        this.leases = leases;
        this.health = health;
        this.queues = queues;
        this.open = open;
        this.workers = workers;
        this.retries = retries;
        this.tally = tally;
    }

    // ---- by an answer

    List<DispatchEffect> delivered(String workerId, long leaseId, Usage usage, WorkResult result, long nowMillis) {
        var effects = new ArrayList<>(wentWell(workerId, nowMillis));
        long heldMillis = leases.heldMillis(leaseId, nowMillis);
        var lease = leases.end(leaseId);
        if (lease != null) {
            health.served(workerId, heldMillis);
        }
        workers.succeeded(workerId);
        var piece = open.remove(result.key());
        if (piece == null) {
            effects.add(new DispatchEffect.Deliver(new WorkResult.Wasted(result.key(), usage, heldMillis)));
            return effects;
        }
        if (lease != null && lease.piece() == piece) {
            tally.served(lease, nowMillis);
        }
        retries.succeeded(piece);
        piece.holders.hold(workerId, piece.work.node().node());
        queues.remove(piece);
        if (piece.isLeased() && piece.lease() != leaseId) {
            var other = leases.end(piece.lease());
            effects.add(new DispatchEffect.CancelLeases(other.workerId(), List.of(other.id())));
        }
        effects.add(new DispatchEffect.Deliver(result));
        return effects;
    }

    List<DispatchEffect> refused(
            String workerId, AttemptKey key, long leaseId, Refusal refusal, Usage usage, long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        if (!usage.equals(Usage.NONE)) {
            effects.add(new DispatchEffect.Deliver(
                    new WorkResult.Wasted(key.step(), usage, leases.heldMillis(leaseId, nowMillis))));
        }
        var lease = leases.get(leaseId);
        if (isTrouble(refusal.category())) {
            workers.failed(workerId, refusal.detail(), lease == null ? nowMillis : lease.sinceMillis(), nowMillis);
        }
        if (lease != null && lease.piece().lease() == leaseId) {
            var piece = lease.piece();
            boolean forgot = refusal.category() == Category.PREFIX_UNKNOWN;
            if (forgot) {
                piece.prefixMisses++;
                piece.holders.forget(workerId, piece.work.held().node());
            }
            effects.addAll(giveUp(leaseId, refusal, forgot ? Duration.ZERO : retries.backoff(piece), nowMillis));
        } else {
            leases.end(leaseId);
        }
        effects.addAll(
                switch (refusal.category()) {
                    case BACKEND_UNAVAILABLE, BACKEND_INVALID, TIMED_OUT, MODEL_UNKNOWN ->
                        wentIll(workerId, refusal, nowMillis);
                    case CONTEXT_OVERFLOW, INVALID_REQUEST -> wentWell(workerId, nowMillis);
                    case PREFIX_UNKNOWN, OVERLOADED, STOPPING -> List.of();
                });
        return effects;
    }

    /** Whether a refusal says that the worker or what it stands before does not work. */
    private static boolean isTrouble(Category category) {
        return switch (category) {
            case OVERLOADED, BACKEND_UNAVAILABLE, BACKEND_INVALID, STOPPING, MODEL_UNKNOWN, TIMED_OUT -> true;
            case PREFIX_UNKNOWN, CONTEXT_OVERFLOW, INVALID_REQUEST -> false;
        };
    }

    // ---- health

    private List<DispatchEffect> wentWell(String workerId, long nowMillis) {
        return health.wentWell(workerId, nowMillis) ? List.of(new DispatchEffect.TellTakenBack(workerId)) : List.of();
    }

    private List<DispatchEffect> wentIll(String workerId, Refusal refusal, long nowMillis) {
        int troubles = health.wentIll(workerId);
        return troubles == 0
                ? List.of()
                : eject(workerId, "answered with trouble " + troubles + " times: " + refusal.detail(), nowMillis);
    }

    /** Takes a worker out of service: its work goes elsewhere, and a probe says when it is well again. */
    private List<DispatchEffect> eject(String workerId, String why, long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        if (health.eject(workerId, nowMillis)) {
            effects.add(new DispatchEffect.TellEjected(workerId, why));
        }
        var held = leases.of(workerId);
        var refusal = new Refusal(Category.BACKEND_UNAVAILABLE, "worker [" + workerId + "] " + why);
        effects.addAll(lose(workerId, held, refusal, nowMillis));
        if (!held.isEmpty()) {
            effects.add(new DispatchEffect.CancelLeases(workerId, held));
        }
        return effects;
    }

    // ---- by silence

    /** Ends the leases that were not renewed, and those of workers that answer nothing. */
    List<DispatchEffect> endOverdue(Collection<String> workers, long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        for (var id : workers) {
            var expired = leases.expired(id, nowMillis);
            if (!expired.isEmpty()) {
                health.leaseExpired(id, nowMillis);
                expired.forEach(leases::rememberOverdue);
                var refusal = new Refusal(
                        Category.TIMED_OUT,
                        "worker [" + id + "] did not renew the lease for " + settings.leaseDuration());
                effects.addAll(lose(id, expired, refusal, nowMillis));
            }
            if (leases.count(id) > 0 && health.isHung(id, nowMillis)) {
                effects.addAll(eject(id, "answered nothing for " + settings.noProgress(), nowMillis));
            }
        }
        return effects;
    }

    // ---- without a result

    /** Leases of a worker are lost, by no fault of the work: it goes elsewhere, and waits if that happened before. */
    List<DispatchEffect> lose(String workerId, List<Long> ids, Refusal refusal, long nowMillis) {
        if (!ids.isEmpty()) {
            workers.failed(workerId, refusal.detail(), nowMillis, nowMillis);
        }
        return ids.stream()
                .flatMap(id -> {
                    var piece = leases.get(id).piece();
                    var wait = piece.troubledMillis == 0 ? Duration.ZERO : retries.backoff(piece);
                    return giveUp(id, refusal, wait, nowMillis).stream();
                })
                .toList();
    }

    /** Ends a lease and puts its work back, unless another try cannot help or patience is over. */
    private List<DispatchEffect> giveUp(long leaseId, Refusal refusal, Duration wait, long nowMillis) {
        long leasedMillis = leases.heldMillis(leaseId, nowMillis);
        var lease = leases.end(leaseId);
        if (lease == null || lease.piece().lease() != leaseId) {
            return List.of();
        }
        var piece = lease.piece();
        piece.endLease();
        var last = retries.failed(piece, refusal, leasedMillis, wait, nowMillis);
        if (last.isPresent()) {
            return List.of(fail(piece, last.get()));
        }
        tally.retried(refusal.category());
        if (wait.isPositive()) {
            queues.enqueueAt(nowMillis + wait.toMillis(), piece);
        } else {
            queues.enqueue(piece);
        }
        return List.of();
    }

    private DispatchEffect fail(Piece piece, Refusal refusal) {
        open.remove(piece.work.key());
        return new DispatchEffect.Deliver(new WorkResult.Failed(piece.work.key(), refusal, piece.attempts));
    }

    /** Fails the work whose patience is over while it waits. */
    List<DispatchEffect> failOverdue(long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        for (var piece : open.waiting()) {
            retries.overdue(piece, nowMillis).ifPresent(refusal -> {
                queues.remove(piece);
                effects.add(fail(piece, refusal));
            });
        }
        return effects;
    }
}
