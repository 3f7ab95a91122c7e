package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.protocol.wire.SlotOffer;
import cloudchamber.protocol.wire.WireLimits;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.protocol.wire.WorkerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Everything a dispatcher decides. Deterministic: the same calls with the same times give the same
 * effects. Not safe for threads; its actor is the only caller. Times are milliseconds of any clock that
 * does not go back.
 */
public final class DispatchCore {
    /*
     * The parts decide: SlotAccounts how many slots are free, FairQueues whose turn it is, Placing which worker
     * gets a piece, Leases how long it may hold it, Health which workers may get work.
     *
     * Control messages may be lost. A renewal that knows of fewer returned slots than were given back is
     * answered by PassOn again, one that lists leases nobody waits for by Cancel; while work waits, each
     * renewal of a worker that shares its slots with other dispatchers is answered by WorkAvailable.
     *
     * A worker keeps the texts it was sent and drew, so a request to it names the node alone. If that was wrong
     * (it forgot, or the message that told it was lost) it says so, and the request goes out again whole; that
     * is no failed try.
     *
     * A retry has the same seed, so whichever attempt answers first gives the same step (with a
     * deterministic backend); the result of the other is dropped and its tokens are counted as wasted.
     */

    /** How often waiting work is looked at for its patience. */
    private static final long LOOK_MILLIS = 1000;

    private final DispatchSettings settings;
    private final Placement placement;
    private final Leases leases;
    private final Roster workers;
    private final FairQueues queues;
    private final OpenWork open = new OpenWork();
    private final Patience patience = new Patience();
    private final Retries retries;
    private final LeaseEnds ends;
    private final Tally tally = new Tally();
    private long nextLookMillis = Long.MIN_VALUE;

    public DispatchCore(DispatchSettings settings, Placement placement) {
        this.settings = settings;
        this.placement = placement;
        this.leases = new Leases(settings.leaseDuration().toMillis());
        var health = new Health(settings);
        this.workers = new Roster(settings, leases, health, patience);
        this.queues = new FairQueues(settings.order());
        this.retries = new Retries(settings, patience);
        this.ends = new LeaseEnds(settings, leases, health, queues, open, workers, retries, tally);
    }

    // ---- work

    /** Whether {@code count} more pieces fit. */
    public boolean hasRoomFor(int count) {
        return open.size() + count <= settings.maxWaiting();
    }

    /**
     * Takes work in. A repeat of a key that is under way changes nothing.
     *
     * @param order the problem's age: smaller is older
     * @param weight the job's share of the slots against other jobs', positive
     * @param patience how long it may meet nothing but trouble before it fails; null for the usual time
     */
    public List<DispatchEffect> submit(
            Collection<? extends Work> works, long order, double weight, Duration patience, long nowMillis) {
        long patienceMillis = (patience == null ? settings.patience() : patience).toMillis();
        var effects = new ArrayList<DispatchEffect>();
        for (var work : works) {
            long bytes = Requests.bytes(work);
            if (open.contains(work.key())) {
                continue;
            } else if (bytes > WireLimits.MAX_BATCH_BYTES) {
                var refusal = new Refusal(
                        Category.INVALID_REQUEST,
                        "a prompt and its steps must be at most " + WireLimits.MAX_BATCH_BYTES + " bytes: may have "
                                + bytes);
                effects.add(new DispatchEffect.Deliver(new WorkResult.Failed(work.key(), refusal, 0)));
            } else {
                long clock = this.patience.clock(work, nowMillis);
                queues.enqueue(open.add(work, order, weight, patienceMillis, clock, nowMillis));
            }
        }
        effects.addAll(place(nowMillis));
        return effects;
    }

    /** The same with the usual patience. */
    public List<DispatchEffect> submit(Collection<? extends Work> works, long order, double weight, long nowMillis) {
        return submit(works, order, weight, null, nowMillis);
    }

    /** Drops everything of one problem: waiting work and leases. */
    public List<DispatchEffect> forget(String job, String problem) {
        retries.forget(job, problem);
        var cancelled = new LinkedHashMap<String, List<Long>>();
        for (var piece : open.removeAll(job, problem)) {
            queues.remove(piece);
            if (piece.isLeased()) {
                var lease = leases.end(piece.lease());
                cancelled
                        .computeIfAbsent(lease.workerId(), worker -> new ArrayList<>())
                        .add(lease.id());
            }
        }
        var effects = new ArrayList<DispatchEffect>();
        cancelled.forEach((worker, ids) -> effects.add(new DispatchEffect.CancelLeases(worker, ids)));
        return effects;
    }

    // ---- workers

    /** A worker says who it is; what was known of its slots and leases stays. */
    public List<DispatchEffect> announce(WorkerAnnouncement announcement, long nowMillis) {
        workers.announce(announcement, nowMillis);
        return place(nowMillis);
    }

    public boolean knows(String workerId) {
        return workers.knows(workerId);
    }

    public List<DispatchEffect> offer(String workerId, long slotsOffered, boolean keep, long nowMillis) {
        workers.offered(workerId, new SlotOffer(slotsOffered, keep), nowMillis);
        return place(nowMillis);
    }

    public List<DispatchEffect> renew(
            String workerId,
            long slotsOffered,
            long slotsReturned,
            long requestsReceived,
            boolean keep,
            List<Long> held,
            WorkerStatus status,
            long nowMillis) {
        if (!knows(workerId)) {
            return List.of();
        }
        var effects = new ArrayList<>(
                workers.renewed(workerId, slotsReturned, requestsReceived, keep, held, status, nowMillis));
        var idle = held.stream()
                .filter(lease -> leases.nobodyWaitsFor(lease, open::contains))
                .toList();
        if (!idle.isEmpty()) {
            effects.add(new DispatchEffect.CancelLeases(workerId, idle));
        }
        effects.addAll(offer(workerId, slotsOffered, keep, nowMillis));
        return effects;
    }

    /** A worker is gone: its leases go back to the queue. */
    public List<DispatchEffect> leave(String workerId, long nowMillis) {
        if (!knows(workerId)) {
            return List.of();
        }
        open.forgetHolder(workerId);
        var refusal =
                new Refusal(Category.BACKEND_UNAVAILABLE, "worker [" + workerId + "] left while it held the lease");
        var effects = new ArrayList<>(ends.lose(workerId, leases.of(workerId), refusal, nowMillis));
        workers.leave(workerId, nowMillis);
        effects.addAll(place(nowMillis));
        return effects;
    }

    // ---- results

    /** @param offer the slots that came with the results; null for none */
    public List<DispatchEffect> extended(String workerId, List<ExtendResult> results, SlotOffer offer, long nowMillis) {
        return answered(workerId, results, ExtendResult::lease, offer, nowMillis, result -> switch (result) {
            case ExtendResult.Generated(var key, var lease, var step, var usage) -> {
                long held = leases.heldMillis(lease, nowMillis);
                var numerics = workers.numericsClass(workerId);
                var extended = new WorkResult.Extended(key.step(), step, usage, numerics, held);
                yield ends.delivered(workerId, lease, usage, extended, nowMillis);
            }
            case ExtendResult.NotExtended(var key, var lease, var refusal, var usage) ->
                ends.refused(workerId, key, lease, refusal, usage, nowMillis);
        });
    }

    /** @param offer the slots that came with the results; null for none */
    public List<DispatchEffect> scored(String workerId, List<ScoreResult> results, SlotOffer offer, long nowMillis) {
        return answered(workerId, results, ScoreResult::lease, offer, nowMillis, result -> switch (result) {
            case ScoreResult.PrefixScored(var key, var lease, var logOdds, var usage) -> {
                long held = leases.heldMillis(lease, nowMillis);
                var numerics = workers.numericsClass(workerId);
                var scored = new WorkResult.Scored(key.step(), logOdds, usage, numerics, held);
                yield ends.delivered(workerId, lease, usage, scored, nowMillis);
            }
            case ScoreResult.NotScored(var key, var lease, var refusal, var usage) ->
                ends.refused(workerId, key, lease, refusal, usage, nowMillis);
        });
    }

    /** Takes each result once: the tokens of one that comes again have been counted. */
    private <R> List<DispatchEffect> answered(
            String workerId,
            List<R> results,
            ToLongFunction<R> lease,
            SlotOffer offer,
            long nowMillis,
            Function<R, List<DispatchEffect>> take) {
        workers.offered(workerId, offer, nowMillis);
        var effects = new ArrayList<DispatchEffect>();
        for (var result : results) {
            workers.arrived(workerId, lease.applyAsLong(result));
            if (leases.isFirstAnswer(lease.applyAsLong(result))) {
                effects.addAll(take.apply(result));
            }
        }
        effects.addAll(place(nowMillis));
        return effects;
    }

    // ---- time

    /** Ends leases that were not renewed, and lets refused work try again. */
    public List<DispatchEffect> tick(long nowMillis) {
        var effects = new ArrayList<>(ends.endOverdue(workers.ids(), nowMillis));
        if (nowMillis >= nextLookMillis && patience.isAnyTroubled()) {
            nextLookMillis = nowMillis + LOOK_MILLIS;
            effects.addAll(ends.failOverdue(nowMillis));
        }
        queues.enqueueDue(nowMillis);
        effects.addAll(place(nowMillis));
        return effects;
    }

    // ---- questions

    public List<WorkerView> workers(long nowMillis) {
        return workers.views(nowMillis);
    }

    /** What was counted since the start. */
    public DispatchCounts counts() {
        return tally.counts();
    }

    /** The models whose workers have had no success since some trouble. */
    List<Patience.Trouble> troubles() {
        return patience.troubles();
    }

    /** How many pieces of work nobody works on yet, by model. */
    public Map<String, Integer> waitingByModel(Role role) {
        return queues.waitingByModel(role);
    }

    // ---- placing

    /** Leases out what waits to who is free, gives back slots nobody needs, and wakes workers that passed on. */
    private List<DispatchEffect> place(long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        var kept = new HashSet<String>();
        queues.forEachWithWork((pool, jobs) -> {
            var outcome = Placing.place(
                    placement, settings.rereadTokensPerSecond(), jobs, workers.serving(pool, nowMillis), nowMillis);
            kept.addAll(outcome.kept());
            effects.addAll(workers.wakeUp(outcome.left()));
            var requests = new Requests();
            for (var chosen : outcome.assignments()) {
                requests.add(workers.grant(chosen.piece(), chosen.workerId(), nowMillis), chosen.brief());
            }
            effects.addAll(requests.effects());
        });
        effects.addAll(workers.passOn(kept, nowMillis));
        return effects;
    }
}
