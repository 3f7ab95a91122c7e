package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.Role;
import cloudchamber.protocol.control.WorkerAnnouncement;
import cloudchamber.protocol.control.WorkerStatus;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.policy.ExtendRequest;
import cloudchamber.protocol.policy.ExtendResult;
import cloudchamber.protocol.prm.ScoreRequest;
import cloudchamber.protocol.prm.ScoreResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything a dispatcher decides. Deterministic: the same calls with the same times give the same
 * effects. Not safe for threads; its actor is the only caller. Times are milliseconds of any clock that
 * does not go back.
 */
final class DispatchCore {
    /*
     * Slots. A worker says how many slots it ever offered, we count how many we ever took and gave back:
     *
     *     free = offered - taken - returned + lost
     *
     * "lost" are leases we sent that never arrived, so that their slots are still free over there:
     *
     *     lost = taken - received - on their way
     *
     * The worker's renewals say how many requests it ever received, and so do leases we know to have
     * arrived, by a result or a renewal. A lease that is not known to have arrived may be on its way, but
     * not for longer than a lease lives. It is counted anew with each renewal, so that a request that was
     * only slow is not counted as lost for ever. A lease that is given up stays in these accounts.
     *
     * Control messages may be lost too. A renewal that knows of fewer returned slots than we gave back is
     * answered by PassOn again; while work waits, each renewal of a worker that shares its slots with other
     * dispatchers is answered by WorkAvailable.
     *
     * A retry has the same seed, so whichever attempt answers first gives the same step (with a
     * deterministic backend); the result of the other is dropped and its tokens are counted as wasted.
     */

    /** One piece of work, from submission to delivery. */
    private static final class Item {
        final Work work;
        final long order;
        final long arrival;
        int attempts;
        long lease = NO_LEASE;

        Item(Work work, long order, long arrival) {
            this.work = work;
            this.order = order;
            this.arrival = arrival;
        }
    }

    private record Lease(long id, Item item, String workerId) {}

    /** The workers of one role that serve one model, and what waits for them. */
    private record Pool(Role role, String model) {}

    private record Delayed(long dueMillis, Item item) {}

    /** What is known of one worker. */
    private static final class Worker {
        WorkerAnnouncement announcement;
        WorkerStatus status = WorkerStatus.NEW;
        long offered;
        long taken;
        long returned;
        long received;
        long arrived;
        long lost;
        boolean keep = true;
        boolean wantsWakeUp;
        long heardMillis;
        final Map<Long, Long> leaseExpiryMillis = new LinkedHashMap<>();
        final Map<Long, Long> onTheirWaySinceMillis = new LinkedHashMap<>();

        void knowArrived(long lease) {
            if (onTheirWaySinceMillis.remove(lease) != null) {
                arrived++;
            }
        }

        void countLost(long requestsReceived, long nowMillis, long patienceMillis) {
            received = Math.max(received, requestsReceived);
            onTheirWaySinceMillis.values().removeIf(since -> nowMillis - since >= patienceMillis);
            lost = Math.max(0, taken - Math.max(received, arrived) - onTheirWaySinceMillis.size());
        }

        int free(long nowMillis, long patienceMillis) {
            boolean stopping = status != null && status.draining();
            return stopping || nowMillis - heardMillis >= patienceMillis
                    ? 0
                    : (int) Math.max(0, offered - taken - returned + lost);
        }
    }

    /** A node's line of a worker table. */
    record WorkerView(
            WorkerAnnouncement announcement, WorkerStatus status, int leases, int freeSlots, boolean silent) {}

    private static final long NO_LEASE = -1;
    private static final int MAX_HOLDERS = 1 << 16;
    private static final Comparator<Item> OLDEST_PROBLEM_FIRST =
            Comparator.<Item>comparingLong(item -> item.order).thenComparingLong(item -> item.arrival);

    private final DispatchSettings settings;
    private final Placement placement;
    private final Map<StepKey, Item> items = new LinkedHashMap<>();
    private final Map<Pool, TreeSet<Item>> waiting = new LinkedHashMap<>();
    private final PriorityQueue<Delayed> delayed = new PriorityQueue<>(
            Comparator.comparingLong(Delayed::dueMillis).thenComparing(Delayed::item, OLDEST_PROBLEM_FIRST));
    private final Map<Long, Lease> leases = new HashMap<>();
    private final Map<String, Worker> workers = new LinkedHashMap<>();
    private final Map<String, Map<NodeReference, String>> holders = new HashMap<>();
    private long nextLease;
    private long nextArrival;

    DispatchCore(DispatchSettings settings, Placement placement) {
        this.settings = settings;
        this.placement = placement;
    }

    // ---- work

    /** Whether {@code count} more pieces fit. */
    boolean hasRoomFor(int count) {
        return items.size() + count <= settings.maxWaiting();
    }

    /**
     * Takes work in. A repeat of a key that is under way changes nothing.
     *
     * @param order the problem's age: smaller is older
     */
    List<DispatchEffect> submit(Collection<? extends Work> works, long order, long nowMillis) {
        for (var work : works) {
            if (!items.containsKey(work.key())) {
                var item = new Item(work, order, nextArrival++);
                items.put(work.key(), item);
                enqueue(item);
            }
        }
        return place(nowMillis);
    }

    /** Drops everything of one problem: waiting work and leases. */
    List<DispatchEffect> forget(String job, String problem) {
        var effects = new ArrayList<DispatchEffect>();
        var gone = items.values().stream()
                .filter(item -> belongsTo(item.work.key(), job, problem))
                .toList();
        var cancelled = new LinkedHashMap<String, List<Long>>();
        for (var item : gone) {
            items.remove(item.work.key());
            queue(item.work).remove(item);
            delayed.removeIf(later -> later.item() == item);
            if (item.lease != NO_LEASE) {
                var lease = drop(item.lease);
                cancelled
                        .computeIfAbsent(lease.workerId(), id -> new ArrayList<>())
                        .add(lease.id());
            }
        }
        holders.remove(job + "/" + problem);
        cancelled.forEach((worker, ids) -> effects.add(new DispatchEffect.CancelLeases(worker, ids)));
        return effects;
    }

    private static boolean belongsTo(StepKey key, String job, String problem) {
        return key.job().equals(job) && key.problem().equals(problem);
    }

    // ---- workers

    /** A worker says who it is; what was known of its slots and leases stays. */
    List<DispatchEffect> announce(WorkerAnnouncement announcement, long nowMillis) {
        var worker = workers.computeIfAbsent(announcement.workerId(), id -> new Worker());
        worker.announcement = announcement;
        worker.heardMillis = nowMillis;
        return place(nowMillis);
    }

    boolean knows(String workerId) {
        return workers.containsKey(workerId);
    }

    List<DispatchEffect> offer(String workerId, long slotsOffered, boolean keep, long nowMillis) {
        var worker = workers.get(workerId);
        if (worker == null) {
            return List.of();
        }
        worker.heardMillis = nowMillis;
        worker.offered = Math.max(worker.offered, slotsOffered);
        worker.keep = keep;
        return place(nowMillis);
    }

    List<DispatchEffect> renew(
            String workerId,
            long slotsOffered,
            long slotsReturned,
            long requestsReceived,
            boolean keep,
            List<Long> held,
            WorkerStatus status,
            long nowMillis) {
        var worker = workers.get(workerId);
        if (worker == null) {
            return List.of();
        }
        worker.status = status;
        for (var lease : held) {
            worker.leaseExpiryMillis.computeIfPresent(lease, (id, expiry) -> expiryAfter(nowMillis));
            worker.knowArrived(lease);
        }
        worker.countLost(requestsReceived, nowMillis, settings.leaseDuration().toMillis());
        worker.wantsWakeUp |= !keep;
        var effects = new ArrayList<DispatchEffect>();
        if (slotsReturned < worker.returned) {
            effects.add(new DispatchEffect.PassOn(workerId, worker.returned));
        }
        effects.addAll(offer(workerId, slotsOffered, keep, nowMillis));
        return effects;
    }

    /** A worker is gone: its leases go back to the queue. */
    List<DispatchEffect> leave(String workerId, long nowMillis) {
        var worker = workers.remove(workerId);
        var effects = new ArrayList<DispatchEffect>();
        if (worker != null) {
            holders.values().forEach(byNode -> byNode.values().removeIf(workerId::equals));
            var lost = List.copyOf(worker.leaseExpiryMillis.keySet());
            lost.forEach(lease -> effects.addAll(giveUp(
                    lease,
                    new Refusal(Category.BACKEND_UNAVAILABLE, "worker [" + workerId + "] left while it held the lease"),
                    Duration.ZERO,
                    nowMillis)));
            effects.addAll(place(nowMillis));
        }
        return effects;
    }

    // ---- results

    List<DispatchEffect> extended(String workerId, List<ExtendResult> results, long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        for (var result : results) {
            knowArrived(workerId, result.lease());
            effects.addAll(
                    switch (result) {
                        case ExtendResult.Generated(var key, var lease, var step, var usage) ->
                            deliver(workerId, key, lease, usage, new WorkResult.Extended(key.step(), step, usage));
                        case ExtendResult.NotExtended(var key, var lease, var refusal, var usage) ->
                            refused(key, lease, refusal, usage, nowMillis);
                    });
        }
        effects.addAll(place(nowMillis));
        return effects;
    }

    List<DispatchEffect> scored(String workerId, List<ScoreResult> results, long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        for (var result : results) {
            knowArrived(workerId, result.lease());
            effects.addAll(
                    switch (result) {
                        case ScoreResult.PrefixScored(var key, var lease, var logOdds, var usage) ->
                            deliver(workerId, key, lease, usage, new WorkResult.Scored(key.step(), logOdds, usage));
                        case ScoreResult.NotScored(var key, var lease, var refusal, var usage) ->
                            refused(key, lease, refusal, usage, nowMillis);
                    });
        }
        effects.addAll(place(nowMillis));
        return effects;
    }

    private void knowArrived(String workerId, long lease) {
        var worker = workers.get(workerId);
        if (worker != null) {
            worker.knowArrived(lease);
        }
    }

    private List<DispatchEffect> deliver(
            String workerId, AttemptKey key, long leaseId, Usage usage, WorkResult result) {
        drop(leaseId);
        var item = items.remove(key.step());
        if (item == null) {
            return List.of(new DispatchEffect.Deliver(new WorkResult.Wasted(key.step(), usage)));
        }
        remember(item.work, workerId);
        queue(item.work).remove(item);
        delayed.removeIf(later -> later.item() == item);
        var effects = new ArrayList<DispatchEffect>();
        if (item.lease != NO_LEASE && item.lease != leaseId) {
            var other = drop(item.lease);
            effects.add(new DispatchEffect.CancelLeases(other.workerId(), List.of(other.id())));
        }
        effects.add(new DispatchEffect.Deliver(result));
        return effects;
    }

    private List<DispatchEffect> refused(AttemptKey key, long leaseId, Refusal refusal, Usage usage, long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        if (!usage.equals(Usage.NONE)) {
            effects.add(new DispatchEffect.Deliver(new WorkResult.Wasted(key.step(), usage)));
        }
        var lease = leases.get(leaseId);
        if (lease != null && lease.item().lease == leaseId) {
            effects.addAll(giveUp(leaseId, refusal, backoff(lease.item()), nowMillis));
        } else {
            drop(leaseId);
        }
        return effects;
    }

    // ---- time

    /** Ends leases that were not renewed, and lets refused work try again. */
    List<DispatchEffect> tick(long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        for (var worker : workers.values()) {
            var expired = worker.leaseExpiryMillis.entrySet().stream()
                    .filter(lease -> lease.getValue() <= nowMillis)
                    .map(Map.Entry::getKey)
                    .toList();
            for (var lease : expired) {
                effects.addAll(giveUp(
                        lease,
                        new Refusal(
                                Category.TIMED_OUT,
                                "worker [" + worker.announcement.workerId() + "] did not renew the lease for "
                                        + settings.leaseDuration()),
                        Duration.ZERO,
                        nowMillis));
            }
        }
        while (!delayed.isEmpty() && delayed.peek().dueMillis() <= nowMillis) {
            enqueue(delayed.poll().item());
        }
        effects.addAll(place(nowMillis));
        return effects;
    }

    // ---- questions

    List<WorkerView> workers(long nowMillis) {
        return workers.values().stream()
                .map(worker -> new WorkerView(
                        worker.announcement,
                        worker.status,
                        worker.leaseExpiryMillis.size(),
                        worker.free(nowMillis, settings.leaseDuration().toMillis()),
                        silent(worker, nowMillis)))
                .toList();
    }

    /** How many pieces of work nobody works on yet, by model. */
    Map<String, Integer> waitingByModel(Role role) {
        var counts = new TreeMap<String, Integer>();
        waiting.forEach((pool, queue) -> {
            if (!queue.isEmpty() && pool.role() == role) {
                counts.put(pool.model(), queue.size());
            }
        });
        return counts;
    }

    // ---- inside

    private void enqueue(Item item) {
        queue(item.work).add(item);
    }

    private TreeSet<Item> queue(Work work) {
        return waiting.computeIfAbsent(
                new Pool(work.role(), work.model()), pool -> new TreeSet<>(OLDEST_PROBLEM_FIRST));
    }

    private boolean silent(Worker worker, long nowMillis) {
        return nowMillis - worker.heardMillis >= settings.leaseDuration().toMillis();
    }

    private long expiryAfter(long nowMillis) {
        return nowMillis + settings.leaseDuration().toMillis();
    }

    /** Ends a lease and puts its work back, unless it was tried too often or cannot succeed. */
    private List<DispatchEffect> giveUp(long leaseId, Refusal refusal, Duration wait, long nowMillis) {
        var lease = drop(leaseId);
        if (lease == null || lease.item().lease != leaseId) {
            return List.of();
        }
        var item = lease.item();
        item.lease = NO_LEASE;
        if (!refusal.category().retryable() || item.attempts >= settings.maxAttempts()) {
            items.remove(item.work.key());
            return List.of(new DispatchEffect.Deliver(new WorkResult.Failed(item.work.key(), refusal, item.attempts)));
        }
        if (wait.isPositive()) {
            delayed.add(new Delayed(nowMillis + wait.toMillis(), item));
        } else {
            enqueue(item);
        }
        return List.of();
    }

    /** Doubles with every attempt; a half of it is jitter, keyed by the work so that it can be repeated. */
    private Duration backoff(Item item) {
        long whole = Math.min(
                settings.maxBackoff().toMillis(), settings.backoff().toMillis() << Math.min(20, item.attempts - 1));
        double jitter = CounterRandom.uniform(item.work.key().toString().hashCode(), item.attempts);
        return Duration.ofMillis(Math.max(1, (long) (whole * (0.5 + 0.5 * jitter))));
    }

    private Lease drop(long leaseId) {
        var lease = leases.remove(leaseId);
        if (lease != null) {
            var worker = workers.get(lease.workerId());
            if (worker != null) {
                worker.leaseExpiryMillis.remove(leaseId);
            }
        }
        return lease;
    }

    private void remember(Work work, String workerId) {
        var problem = work.key().job() + "/" + work.key().problem();
        var byNode = holders.computeIfAbsent(problem, name -> new HashMap<>());
        if (byNode.size() < MAX_HOLDERS) {
            byNode.put(work.node(), workerId);
        }
    }

    private boolean holds(String workerId, Work work) {
        var byNode = holders.get(work.key().job() + "/" + work.key().problem());
        return byNode != null && workerId.equals(byNode.get(work.held()));
    }

    /** Leases out what waits to who is free, gives back slots nobody needs, and wakes workers that passed on. */
    private List<DispatchEffect> place(long nowMillis) {
        var extensions = new LinkedHashMap<String, List<ExtendRequest>>();
        var scorings = new LinkedHashMap<String, List<ScoreRequest>>();
        var effects = new ArrayList<DispatchEffect>();
        waiting.forEach((pool, queue) -> {
            var serving = workers.values().stream()
                    .filter(worker -> pool.equals(new Pool(worker.announcement.role(), worker.announcement.model())))
                    .toList();
            while (!queue.isEmpty()) {
                var item = queue.first();
                var chosen = placement.choose(candidates(serving, item.work, nowMillis));
                if (chosen.isEmpty()) {
                    break;
                }
                queue.pollFirst();
                long lease = lease(item, chosen.get(), nowMillis);
                switch (item.work) {
                    case Work.Extension extension ->
                        extensions
                                .computeIfAbsent(chosen.get(), id -> new ArrayList<>())
                                .add(request(extension, item.attempts, lease));
                    case Work.Scoring scoring ->
                        scorings.computeIfAbsent(chosen.get(), id -> new ArrayList<>())
                                .add(request(scoring, item.attempts, lease));
                }
            }
            if (!queue.isEmpty()) {
                for (var worker : serving) {
                    if (worker.wantsWakeUp) {
                        worker.wantsWakeUp = false;
                        effects.add(new DispatchEffect.TellWorkAvailable(worker.announcement.workerId()));
                    }
                }
            }
        });
        extensions.forEach((worker, requests) -> effects.add(new DispatchEffect.SendExtend(worker, requests)));
        scorings.forEach((worker, requests) -> effects.add(new DispatchEffect.SendScore(worker, requests)));
        for (var worker : workers.values()) {
            int free = worker.free(nowMillis, settings.leaseDuration().toMillis());
            if (!worker.keep && free > 0) {
                worker.returned += free;
                worker.wantsWakeUp = true;
                effects.add(new DispatchEffect.PassOn(worker.announcement.workerId(), worker.returned));
            }
        }
        return effects;
    }

    private List<Placement.Candidate> candidates(List<Worker> serving, Work work, long nowMillis) {
        var candidates = new ArrayList<Placement.Candidate>(serving.size());
        for (var worker : serving) {
            int free = worker.free(nowMillis, settings.leaseDuration().toMillis());
            if (free > 0) {
                var id = worker.announcement.workerId();
                candidates.add(new Placement.Candidate(id, free, holds(id, work)));
            }
        }
        return candidates;
    }

    private long lease(Item item, String workerId, long nowMillis) {
        var worker = workers.get(workerId);
        long id = nextLease++;
        worker.taken++;
        worker.leaseExpiryMillis.put(id, expiryAfter(nowMillis));
        worker.onTheirWaySinceMillis.put(id, nowMillis);
        item.attempts++;
        item.lease = id;
        leases.put(id, new Lease(id, item, workerId));
        return id;
    }

    private static ExtendRequest request(Work.Extension work, int attempt, long lease) {
        return new ExtendRequest(
                new AttemptKey(work.key(), attempt),
                lease,
                work.model(),
                work.prompt(),
                work.parent(),
                work.prefix(),
                work.sampling(),
                work.seed(),
                work.stops(),
                work.maxStepTokens(),
                work.maxTokens());
    }

    private static ScoreRequest request(Work.Scoring work, int attempt, long lease) {
        return new ScoreRequest(
                new AttemptKey(work.key(), attempt), lease, work.model(), work.prompt(), work.node(), work.prefix());
    }
}
