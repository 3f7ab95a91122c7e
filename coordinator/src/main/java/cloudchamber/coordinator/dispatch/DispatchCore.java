package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.protocol.wire.SlotOffer;
import cloudchamber.protocol.wire.WireLimits;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.protocol.wire.WorkerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything a dispatcher decides. Deterministic: the same calls with the same times give the same
 * effects. Not safe for threads; its actor is the only caller. Times are milliseconds of any clock that
 * does not go back.
 */
public final class DispatchCore {
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
     * answered by PassOn again, one that lists leases nobody waits for by Cancel; while work waits, each
     * renewal of a worker that shares its slots with other dispatchers is answered by WorkAvailable.
     *
     * Whose turn it is. Of the jobs with waiting work the one that holds the smallest share of leases, by
     * weight, is served; within it the oldest problem (or the one with the fewest rounds). A piece whose prefix
     * lies with a worker that is busy is passed over while there is other work for the free slot, a bounded
     * number of times. If nothing else is left for a free slot, the piece waits for its holder only as long as
     * that costs less than reading again what the free worker does not hold. One that has waited is thought to
     * wait as long again, so that, as with renting skis, at most twice the best is paid. Reading is dear: all
     * that the worker runs stands still meanwhile, and the children of what has moved are read there as well.
     * For the latter it counts fourfold; twice or half of that moves the makespan of bench B5 by .3 % and the
     * tokens by 1 %. The piece of which least has to be read goes first: siblings follow each other to a worker
     * that has read what they share.
     *
     * Prefixes. A worker keeps the texts it was sent and drew, so a request to it names the node alone. If
     * that was wrong (it forgot, or the message that told it was lost) it says so, and the request goes out
     * again whole; that is no failed try.
     *
     * Health. A worker that answers nothing for long while it holds leases, or nothing but trouble, is
     * ejected: its leases go elsewhere, and it gets one piece at a time as a probe until one succeeds.
     *
     * A retry has the same seed, so whichever attempt answers first gives the same step (with a
     * deterministic backend); the result of the other is dropped and its tokens are counted as wasted.
     */

    /** One piece of work, from submission to delivery. */
    private static final class Item {
        final Work work;
        final long order;
        final long arrival;
        final long arrivalMillis;
        final PrefixHolders holders;
        final double weight;
        JobQueue queue;
        int attempts;
        int prefixMisses;
        int passedOver;
        long waitsForHolderSince = NEVER;
        long lease = NO_LEASE;

        Item(Work work, long order, long arrival, long arrivalMillis, PrefixHolders holders, double weight) {
            this.work = work;
            this.order = order;
            this.arrival = arrival;
            this.arrivalMillis = arrivalMillis;
            this.holders = holders;
            this.weight = weight;
        }

        boolean heldBy(String workerId) {
            return holders.holds(workerId, work.held().node());
        }
    }

    /** What one job has waiting for one pool, and what it holds. */
    private static final class JobQueue {
        final TreeSet<Item> waiting;
        double weight = 1;
        int leased;
        double served;

        JobQueue(Comparator<Item> order) {
            this.waiting = new TreeSet<>(order);
        }

        double share() {
            return leased / weight;
        }
    }

    private record ProblemId(String job, String problem) {
        static ProblemId of(StepKey key) {
            return new ProblemId(key.job(), key.problem());
        }
    }

    private record Lease(long id, Item item, String workerId, long sinceMillis) {}

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
        long progressMillis;
        int troubles;
        boolean ejected;
        long probeAtMillis;
        double meanServiceMillis = Double.POSITIVE_INFINITY;
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
            if (!usable(nowMillis, patienceMillis)) {
                return 0;
            }
            int free = (int) Math.max(0, offered - taken - returned + lost);
            return ejected ? Math.min(1, free) : free;
        }

        /** Whether it computes the bits that are asked for. */
        boolean suits(Work work) {
            return work.numericsFamily() == null
                    || work.numericsFamily().equals(announcement.numericsClass().family());
        }

        /** Whether it takes work now or when it has a slot again. */
        boolean usable(long nowMillis, long patienceMillis) {
            boolean stopping = status != null && status.draining();
            boolean resting = ejected && (!leaseExpiryMillis.isEmpty() || nowMillis < probeAtMillis);
            return !stopping && !resting && nowMillis - heardMillis < patienceMillis;
        }

        void served(long millis) {
            meanServiceMillis = Double.isInfinite(meanServiceMillis)
                    ? millis
                    : meanServiceMillis + SERVICE_LEARNING_RATE * (millis - meanServiceMillis);
        }
    }

    /** A node's line of a worker table. */
    public record WorkerView(
            WorkerAnnouncement announcement,
            WorkerStatus status,
            int leases,
            int freeSlots,
            boolean silent,
            boolean ejected) {}

    private static final long NO_LEASE = -1;
    private static final long NEVER = Long.MIN_VALUE;
    /** Leases remembered as answered, and as overdue. */
    private static final int MAX_REMEMBERED = 1 << 16;

    /** How many waiting pieces of a job are looked at to fill one slot. */
    private static final int WINDOW = 256;
    /** How often a piece may be passed over for each worker that might have been its holder. */
    private static final int PASSES_A_WORKER = 64;

    private static final double WEIGHT_OF_READING = 4;

    private static final double MILLIS_A_SECOND = 1000;
    private static final int TROUBLES_TO_EJECT = 3;
    private static final double SERVICE_LEARNING_RATE = .1;
    private static final Comparator<Item> OLDEST_PROBLEM_FIRST =
            Comparator.<Item>comparingLong(item -> item.order).thenComparingLong(item -> item.arrival);
    private static final Comparator<Item> FEWEST_ROUNDS_FIRST = Comparator.<Item>comparingInt(
                    item -> item.work.key().iteration())
            .thenComparingInt(item -> item.work.key().round())
            .thenComparing(OLDEST_PROBLEM_FIRST);

    private final DispatchSettings settings;
    private final Placement placement;
    private final Map<StepKey, Item> items = new LinkedHashMap<>();
    private final Map<Pool, Map<String, JobQueue>> queues = new LinkedHashMap<>();
    private final PriorityQueue<Delayed> delayed = new PriorityQueue<>(
            Comparator.comparingLong(Delayed::dueMillis).thenComparing(Delayed::item, OLDEST_PROBLEM_FIRST));
    private final Map<Long, Lease> leases = new HashMap<>();
    private final Map<String, Worker> workers = new LinkedHashMap<>();
    private final Map<ProblemId, PrefixHolders> holders = new HashMap<>();
    private final Set<Long> answered = new LinkedHashSet<>();
    private final Map<Long, StepKey> overdue = new LinkedHashMap<>();
    private long nextLease;
    private long nextArrival;
    private final Tally tally = new Tally();

    public DispatchCore(DispatchSettings settings, Placement placement) {
        this.settings = settings;
        this.placement = placement;
    }

    // ---- work

    /** Whether {@code count} more pieces fit. */
    public boolean hasRoomFor(int count) {
        return items.size() + count <= settings.maxWaiting();
    }

    /**
     * Takes work in. A repeat of a key that is under way changes nothing.
     *
     * @param order the problem's age: smaller is older
     * @param weight the job's share of the slots against other jobs', positive
     */
    public List<DispatchEffect> submit(Collection<? extends Work> works, long order, double weight, long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        for (var work : works) {
            if (!items.containsKey(work.key())) {
                long bytes = WireLimits.bytes(work.prompt(), work.prefix());
                if (bytes > WireLimits.MAX_BATCH_BYTES) {
                    effects.add(new DispatchEffect.Deliver(new WorkResult.Failed(
                            work.key(),
                            new Refusal(
                                    Category.INVALID_REQUEST,
                                    "a prompt and its steps must be at most " + WireLimits.MAX_BATCH_BYTES
                                            + " bytes: may have " + bytes),
                            0)));
                    continue;
                }
                var held = holders.computeIfAbsent(ProblemId.of(work.key()), problem -> new PrefixHolders());
                held.learn(work);
                var item = new Item(work, order, nextArrival++, nowMillis, held, weight);
                items.put(work.key(), item);
                enqueue(item);
            }
        }
        effects.addAll(place(nowMillis));
        return effects;
    }

    /** Drops everything of one problem: waiting work and leases. */
    public List<DispatchEffect> forget(String job, String problem) {
        var effects = new ArrayList<DispatchEffect>();
        var gone = items.values().stream()
                .filter(item -> belongsTo(item.work.key(), job, problem))
                .toList();
        var cancelled = new LinkedHashMap<String, List<Long>>();
        for (var item : gone) {
            items.remove(item.work.key());
            item.queue.waiting.remove(item);
            delayed.removeIf(later -> later.item() == item);
            if (item.lease != NO_LEASE) {
                var lease = drop(item.lease);
                cancelled
                        .computeIfAbsent(lease.workerId(), id -> new ArrayList<>())
                        .add(lease.id());
            }
        }
        holders.remove(new ProblemId(job, problem));
        cancelled.forEach((worker, ids) -> effects.add(new DispatchEffect.CancelLeases(worker, ids)));
        return effects;
    }

    /** A lease that lives, or ended for silence while its work is still open: a late result is taken. */
    private boolean nobodyWaitsFor(long lease) {
        return !leases.containsKey(lease) && !(overdue.containsKey(lease) && items.containsKey(overdue.get(lease)));
    }

    private static boolean belongsTo(StepKey key, String job, String problem) {
        return key.job().equals(job) && key.problem().equals(problem);
    }

    // ---- workers

    /** A worker says who it is; what was known of its slots and leases stays. */
    public List<DispatchEffect> announce(WorkerAnnouncement announcement, long nowMillis) {
        var worker = workers.computeIfAbsent(announcement.workerId(), id -> new Worker());
        worker.announcement = announcement;
        worker.heardMillis = nowMillis;
        return place(nowMillis);
    }

    public boolean knows(String workerId) {
        return workers.containsKey(workerId);
    }

    public List<DispatchEffect> offer(String workerId, long slotsOffered, boolean keep, long nowMillis) {
        takeSlots(workerId, new SlotOffer(slotsOffered, keep), nowMillis);
        return place(nowMillis);
    }

    private void takeSlots(String workerId, SlotOffer offer, long nowMillis) {
        var worker = workers.get(workerId);
        if (worker != null && offer != null) {
            worker.heardMillis = nowMillis;
            worker.offered = Math.max(worker.offered, offer.slotsOffered());
            worker.keep = offer.keep();
        }
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
        var idle = held.stream().filter(lease -> nobodyWaitsFor(lease)).toList();
        if (!idle.isEmpty()) {
            effects.add(new DispatchEffect.CancelLeases(workerId, idle));
        }
        effects.addAll(offer(workerId, slotsOffered, keep, nowMillis));
        return effects;
    }

    /** A worker is gone: its leases go back to the queue. */
    public List<DispatchEffect> leave(String workerId, long nowMillis) {
        var worker = workers.remove(workerId);
        var effects = new ArrayList<DispatchEffect>();
        if (worker != null) {
            holders.values().forEach(held -> held.forget(workerId));
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

    /** @param offer the slots that came with the results; null for none */
    public List<DispatchEffect> extended(String workerId, List<ExtendResult> results, SlotOffer offer, long nowMillis) {
        takeSlots(workerId, offer, nowMillis);
        var effects = new ArrayList<DispatchEffect>();
        for (var result : results) {
            if (!isFirstAnswer(workerId, result.lease())) {
                continue;
            }
            effects.addAll(
                    switch (result) {
                        case ExtendResult.Generated(var key, var lease, var step, var usage) ->
                            deliver(
                                    workerId,
                                    key,
                                    lease,
                                    usage,
                                    new WorkResult.Extended(
                                            key.step(),
                                            step,
                                            usage,
                                            numericsClass(workerId),
                                            heldMillis(lease, nowMillis)),
                                    nowMillis);
                        case ExtendResult.NotExtended(var key, var lease, var refusal, var usage) ->
                            refused(workerId, key, lease, refusal, usage, nowMillis);
                    });
        }
        effects.addAll(place(nowMillis));
        return effects;
    }

    /** @param offer the slots that came with the results; null for none */
    public List<DispatchEffect> scored(String workerId, List<ScoreResult> results, SlotOffer offer, long nowMillis) {
        takeSlots(workerId, offer, nowMillis);
        var effects = new ArrayList<DispatchEffect>();
        for (var result : results) {
            if (!isFirstAnswer(workerId, result.lease())) {
                continue;
            }
            effects.addAll(
                    switch (result) {
                        case ScoreResult.PrefixScored(var key, var lease, var logOdds, var usage) ->
                            deliver(
                                    workerId,
                                    key,
                                    lease,
                                    usage,
                                    new WorkResult.Scored(
                                            key.step(),
                                            logOdds,
                                            usage,
                                            numericsClass(workerId),
                                            heldMillis(lease, nowMillis)),
                                    nowMillis);
                        case ScoreResult.NotScored(var key, var lease, var refusal, var usage) ->
                            refused(workerId, key, lease, refusal, usage, nowMillis);
                    });
        }
        effects.addAll(place(nowMillis));
        return effects;
    }

    private String numericsClass(String workerId) {
        var worker = workers.get(workerId);
        return worker == null ? null : worker.announcement.numericsClass().id();
    }

    /** A reply that comes again has been counted, its tokens too. */
    private boolean isFirstAnswer(String workerId, long lease) {
        var worker = workers.get(workerId);
        if (worker != null) {
            worker.knowArrived(lease);
        }
        overdue.remove(lease);
        boolean first = answered.add(lease);
        dropOldest(answered);
        return first;
    }

    private static void dropOldest(Collection<?> remembered) {
        if (remembered.size() > MAX_REMEMBERED) {
            var oldest = remembered.iterator();
            oldest.next();
            oldest.remove();
        }
    }

    private List<DispatchEffect> deliver(
            String workerId, AttemptKey key, long leaseId, Usage usage, WorkResult result, long nowMillis) {
        var effects = new ArrayList<>(wentWell(workerId, nowMillis));
        long heldMillis = heldMillis(leaseId, nowMillis);
        var lease = drop(leaseId);
        if (lease != null && workers.containsKey(workerId)) {
            workers.get(workerId).served(nowMillis - lease.sinceMillis());
        }
        var item = items.remove(key.step());
        if (item == null) {
            effects.add(new DispatchEffect.Deliver(new WorkResult.Wasted(key.step(), usage, heldMillis)));
            return effects;
        }
        if (lease != null && lease.item() == item) {
            tally.took(phase(item.work), nowMillis - lease.sinceMillis());
            tally.took(DispatchCounts.Phase.WAIT, lease.sinceMillis() - item.arrivalMillis);
        }
        item.holders.hold(workerId, item.work.node().node());
        item.queue.waiting.remove(item);
        delayed.removeIf(later -> later.item() == item);
        if (item.lease != NO_LEASE && item.lease != leaseId) {
            var other = drop(item.lease);
            effects.add(new DispatchEffect.CancelLeases(other.workerId(), List.of(other.id())));
        }
        effects.add(new DispatchEffect.Deliver(result));
        return effects;
    }

    /** How long a lease has lasted; 0 of one that is forgotten. */
    private long heldMillis(long leaseId, long nowMillis) {
        var lease = leases.get(leaseId);
        return lease == null ? 0 : nowMillis - lease.sinceMillis();
    }

    private List<DispatchEffect> refused(
            String workerId, AttemptKey key, long leaseId, Refusal refusal, Usage usage, long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        if (!usage.equals(Usage.NONE)) {
            effects.add(new DispatchEffect.Deliver(
                    new WorkResult.Wasted(key.step(), usage, heldMillis(leaseId, nowMillis))));
        }
        var lease = leases.get(leaseId);
        if (lease != null && lease.item().lease == leaseId) {
            boolean forgot = refusal.category() == Category.PREFIX_UNKNOWN;
            if (forgot) {
                lease.item().prefixMisses++;
                lease.item().holders.forget(workerId, lease.item().work.held().node());
            }
            effects.addAll(giveUp(leaseId, refusal, forgot ? Duration.ZERO : backoff(lease.item()), nowMillis));
        } else {
            drop(leaseId);
        }
        effects.addAll(
                switch (refusal.category()) {
                    case BACKEND_UNAVAILABLE, BACKEND_INVALID, TIMED_OUT -> wentIll(workerId, refusal, nowMillis);
                    case CONTEXT_OVERFLOW, INVALID_REQUEST -> wentWell(workerId, nowMillis);
                    case PREFIX_UNKNOWN, OVERLOADED, STOPPING, MODEL_UNKNOWN -> List.of();
                });
        return effects;
    }

    // ---- health

    private List<DispatchEffect> wentWell(String workerId, long nowMillis) {
        var worker = workers.get(workerId);
        if (worker == null) {
            return List.of();
        }
        worker.progressMillis = nowMillis;
        worker.troubles = 0;
        if (!worker.ejected) {
            return List.of();
        }
        worker.ejected = false;
        return List.of(new DispatchEffect.TellTakenBack(workerId));
    }

    private List<DispatchEffect> wentIll(String workerId, Refusal refusal, long nowMillis) {
        var worker = workers.get(workerId);
        if (worker == null || ++worker.troubles < TROUBLES_TO_EJECT) {
            return List.of();
        }
        return eject(worker, "answered with trouble " + worker.troubles + " times: " + refusal.detail(), nowMillis);
    }

    /** Takes a worker out of service: its work goes elsewhere, and a probe says when it is well again. */
    private List<DispatchEffect> eject(Worker worker, String why, long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        var id = worker.announcement.workerId();
        if (!worker.ejected) {
            effects.add(new DispatchEffect.TellEjected(id, why));
        }
        worker.ejected = true;
        worker.progressMillis = nowMillis;
        worker.probeAtMillis = nowMillis + settings.probeInterval().toMillis();
        var held = List.copyOf(worker.leaseExpiryMillis.keySet());
        for (var lease : held) {
            effects.addAll(giveUp(
                    lease,
                    new Refusal(Category.BACKEND_UNAVAILABLE, "worker [" + id + "] " + why),
                    Duration.ZERO,
                    nowMillis));
        }
        if (!held.isEmpty()) {
            effects.add(new DispatchEffect.CancelLeases(id, held));
        }
        return effects;
    }

    // ---- time

    /** Ends leases that were not renewed, and lets refused work try again. */
    public List<DispatchEffect> tick(long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        for (var worker : workers.values()) {
            var expired = worker.leaseExpiryMillis.entrySet().stream()
                    .filter(lease -> lease.getValue() <= nowMillis)
                    .map(Map.Entry::getKey)
                    .toList();
            if (!expired.isEmpty()) {
                // Whatever it said since, it has not renewed what it holds: its slots are not to be trusted.
                worker.heardMillis = Math.min(worker.heardMillis, nowMillis - patienceMillis());
            }
            for (var lease : expired) {
                overdue.put(lease, leases.get(lease).item().work.key());
                dropOldest(overdue.keySet());
                effects.addAll(giveUp(
                        lease,
                        new Refusal(
                                Category.TIMED_OUT,
                                "worker [" + worker.announcement.workerId() + "] did not renew the lease for "
                                        + settings.leaseDuration()),
                        Duration.ZERO,
                        nowMillis));
            }
            if (!worker.leaseExpiryMillis.isEmpty()
                    && nowMillis - worker.progressMillis
                            >= settings.noProgress().toMillis()) {
                effects.addAll(eject(worker, "answered nothing for " + settings.noProgress(), nowMillis));
            }
        }
        while (!delayed.isEmpty() && delayed.peek().dueMillis() <= nowMillis) {
            enqueue(delayed.poll().item());
        }
        effects.addAll(place(nowMillis));
        return effects;
    }

    // ---- questions

    public List<WorkerView> workers(long nowMillis) {
        return workers.values().stream()
                .map(worker -> new WorkerView(
                        worker.announcement,
                        worker.status,
                        worker.leaseExpiryMillis.size(),
                        worker.free(nowMillis, patienceMillis()),
                        silent(worker, nowMillis),
                        worker.ejected))
                .toList();
    }

    /** What was counted since the start. */
    public DispatchCounts counts() {
        return tally.counts();
    }

    private static DispatchCounts.Phase phase(Work work) {
        return switch (work) {
            case Work.Extension extension -> DispatchCounts.Phase.GENERATE;
            case Work.Scoring scoring -> DispatchCounts.Phase.SCORE;
        };
    }

    /** How many pieces of work nobody works on yet, by model. */
    public Map<String, Integer> waitingByModel(Role role) {
        var counts = new TreeMap<String, Integer>();
        queues.forEach((pool, jobs) -> {
            int waiting =
                    jobs.values().stream().mapToInt(job -> job.waiting.size()).sum();
            if (waiting > 0 && pool.role() == role) {
                counts.put(pool.model(), waiting);
            }
        });
        return counts;
    }

    // ---- inside

    private void enqueue(Item item) {
        item.passedOver = 0;
        item.waitsForHolderSince = NEVER;
        item.queue = queue(item.work);
        item.queue.weight = item.weight;
        item.queue.waiting.add(item);
    }

    /** A job that is new to a pool starts level with the others: nobody saves up turns. */
    private JobQueue queue(Work work) {
        var jobs = queues.computeIfAbsent(new Pool(work.role(), work.model()), pool -> new LinkedHashMap<>());
        return jobs.computeIfAbsent(work.key().job(), job -> {
            var queue = new JobQueue(
                    switch (settings.order()) {
                        case OLDEST -> OLDEST_PROBLEM_FIRST;
                        case FEWEST_ROUNDS -> FEWEST_ROUNDS_FIRST;
                    });
            queue.served = jobs.values().stream()
                    .mapToDouble(other -> other.served)
                    .min()
                    .orElse(0);
            return queue;
        });
    }

    private boolean silent(Worker worker, long nowMillis) {
        return nowMillis - worker.heardMillis >= patienceMillis();
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
        if (!refusal.category().retryable() || item.attempts - item.prefixMisses >= settings.maxAttempts()) {
            items.remove(item.work.key());
            return List.of(new DispatchEffect.Deliver(new WorkResult.Failed(item.work.key(), refusal, item.attempts)));
        }
        tally.retried(refusal.category());
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
            lease.item().queue.leased--;
            var worker = workers.get(lease.workerId());
            if (worker != null) {
                worker.leaseExpiryMillis.remove(leaseId);
            }
        }
        return lease;
    }

    // ---- placing

    /** Leases out what waits to who is free, gives back slots nobody needs, and wakes workers that passed on. */
    private List<DispatchEffect> place(long nowMillis) {
        var effects = new ArrayList<DispatchEffect>();
        var kept = new HashSet<String>();
        queues.forEach((pool, jobs) -> {
            jobs.values().removeIf(job -> job.waiting.isEmpty() && job.leased == 0);
            if (isWorkLeft(jobs.values())) {
                new Placing(pool, jobs, nowMillis).place(effects, kept);
            }
        });
        for (var worker : workers.values()) {
            int free = worker.free(nowMillis, patienceMillis());
            var id = worker.announcement.workerId();
            if (!worker.keep && free > 0 && !kept.contains(id)) {
                worker.returned += free;
                worker.wantsWakeUp = true;
                effects.add(new DispatchEffect.PassOn(id, worker.returned));
            }
        }
        return effects;
    }

    private static boolean isWorkLeft(Collection<JobQueue> jobs) {
        for (var job : jobs) {
            if (!job.waiting.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** One distribution of a pool's free slots. */
    private final class Placing {
        private final Collection<JobQueue> jobs;
        private final long nowMillis;
        private final List<Worker> serving;
        private final Map<String, Integer> free = new LinkedHashMap<>();
        private final Map<String, Integer> waitingFor = new HashMap<>();
        private final Map<String, Batches<ExtendRequest>> extensions = new LinkedHashMap<>();
        private final Map<String, Batches<ScoreRequest>> scorings = new LinkedHashMap<>();
        private int allFree;

        Placing(Pool pool, Map<String, JobQueue> jobs, long nowMillis) {
            this.jobs = jobs.values();
            this.nowMillis = nowMillis;
            this.serving = workers.values().stream()
                    .filter(worker -> worker.announcement.role() == pool.role()
                            && worker.announcement.model().equals(pool.model()))
                    .toList();
            for (var worker : serving) {
                int slots = worker.free(nowMillis, patienceMillis());
                free.put(worker.announcement.workerId(), slots);
                allFree += slots;
            }
        }

        void place(List<DispatchEffect> effects, Set<String> kept) {
            boolean waitsForHolders = false;
            if (allFree > 0) {
                placeWhereFree();
                waitsForHolders = allFree > 0 && isWorkLeft() && placeWhereCheapest();
            }
            if (waitsForHolders) {
                free.keySet().forEach(kept::add);
            } else if (isWorkLeft()) {
                wakeUp(effects);
            }
            extensions.forEach((worker, batches) ->
                    batches.all().forEach(batch -> effects.add(new DispatchEffect.SendExtend(worker, batch))));
            scorings.forEach((worker, batches) ->
                    batches.all().forEach(batch -> effects.add(new DispatchEffect.SendScore(worker, batch))));
        }

        private boolean isWorkLeft() {
            return DispatchCore.isWorkLeft(jobs);
        }

        private void wakeUp(List<DispatchEffect> effects) {
            for (var worker : serving) {
                if (worker.wantsWakeUp && jobs.stream().anyMatch(job -> suitsFirst(worker, job))) {
                    worker.wantsWakeUp = false;
                    effects.add(new DispatchEffect.TellWorkAvailable(worker.announcement.workerId()));
                }
            }
        }

        /** All work of a job asks for the same class. */
        private static boolean suitsFirst(Worker worker, JobQueue job) {
            return !job.waiting.isEmpty() && worker.suits(job.waiting.first().work);
        }

        /** Passes over what a busy worker holds, while there is other work for the free slots. */
        private void placeWhereFree() {
            var exhausted = new HashSet<JobQueue>();
            jobs.stream().filter(job -> freest(job).isEmpty()).forEach(exhausted::add);
            for (var job = fairest(exhausted); job != null && allFree > 0; job = fairest(exhausted)) {
                var passed = new ArrayList<Item>();
                boolean placed = false;
                for (var item : job.waiting) {
                    var chosen = item.passedOver < PASSES_A_WORKER * serving.size()
                            ? placement.choose(candidates(item), true)
                            : freest(job);
                    if (chosen.filter(worker -> free.get(worker) > 0).isPresent()) {
                        lease(item, chosen.get());
                        placed = true;
                        break;
                    }
                    passed.add(item);
                    if (passed.size() >= WINDOW) {
                        break;
                    }
                }
                if (placed) {
                    passed.forEach(item -> item.passedOver++);
                }
                if (!placed || freest(job).isEmpty()) {
                    exhausted.add(job);
                }
            }
        }

        /** For slots that nothing else is left for. Says whether anything waits for its holder on purpose. */
        private boolean placeWhereCheapest() {
            boolean waits = false;
            for (var item : leastReadFirst()) {
                if (allFree == 0) {
                    return false;
                }
                if (freest(item.queue).isEmpty()) {
                    continue;
                }
                var chosen = placement.choose(candidates(item), false).orElseThrow();
                if (free.get(chosen) > 0) {
                    lease(item, chosen);
                } else {
                    waits = true;
                    waitingFor.merge(chosen, 1, Integer::sum);
                    if (item.waitsForHolderSince == NEVER) {
                        item.waitsForHolderSince = nowMillis;
                    }
                }
            }
            return waits;
        }

        /** Work that moves to another worker should be near what that worker holds; siblings read it once together. */
        private List<Item> leastReadFirst() {
            record Reading(Item item, double tokens) {}
            var siblings = new HashMap<NodeReference, Integer>();
            var items = jobs.stream()
                    .flatMap(job -> job.waiting.stream().limit(WINDOW))
                    .toList();
            items.forEach(item -> siblings.merge(item.work.held(), 1, Integer::sum));
            return items.stream()
                    .map(item -> {
                        var held = item.work.held();
                        long tokens =
                                item.holders.tokensToRead(held.node(), worker -> free.getOrDefault(worker, 0) > 0);
                        return new Reading(item, (double) tokens / siblings.get(held));
                    })
                    .sorted(Comparator.comparingDouble(Reading::tokens))
                    .map(Reading::item)
                    .toList();
        }

        private JobQueue fairest(Set<JobQueue> exhausted) {
            JobQueue fairest = null;
            for (var job : jobs) {
                if (!job.waiting.isEmpty() && !exhausted.contains(job) && (fairest == null || before(job, fairest))) {
                    fairest = job;
                }
            }
            return fairest;
        }

        private boolean before(JobQueue one, JobQueue other) {
            return one.share() == other.share() ? one.served < other.served : one.share() < other.share();
        }

        private List<Placement.Candidate> candidates(Item item) {
            var candidates = new ArrayList<Placement.Candidate>(serving.size());
            long waited = item.waitsForHolderSince == NEVER ? 0 : nowMillis - item.waitsForHolderSince;
            for (var worker : serving) {
                var id = worker.announcement.workerId();
                int slots = free.get(id);
                boolean holds = item.heldBy(id);
                if (!worker.suits(item.work)) {
                    continue;
                }
                if (slots > 0 || holds && worker.usable(nowMillis, patienceMillis())) {
                    double nextSlotMillis = (1 + waitingFor.getOrDefault(id, 0))
                            * worker.meanServiceMillis
                            / worker.announcement.slots();
                    double rereadMillis = WEIGHT_OF_READING
                            * (1 + worker.leaseExpiryMillis.size())
                            * MILLIS_A_SECOND
                            * item.holders.tokensToRead(id, item.work.held().node())
                            / settings.rereadTokensPerSecond();
                    candidates.add(new Placement.Candidate(
                            id, slots, rereadMillis, slots > 0 ? 0 : Math.max(waited, nextSlotMillis)));
                }
            }
            return candidates;
        }

        /** The worker with the most free slots for a job's work; empty if there is none. */
        private Optional<String> freest(JobQueue job) {
            return serving.stream()
                    .filter(worker -> suitsFirst(worker, job))
                    .map(worker -> worker.announcement.workerId())
                    .filter(worker -> free.get(worker) > 0)
                    .max(Comparator.comparing(free::get));
        }

        private void lease(Item item, String workerId) {
            item.queue.waiting.remove(item);
            item.queue.served += 1 / item.queue.weight;
            item.queue.leased++;
            boolean holds = item.heldBy(workerId);
            item.holders.hold(workerId, item.work.held().node());
            free.merge(workerId, -1, Integer::sum);
            allFree--;
            long lease = newLease(item, workerId, nowMillis);
            switch (item.work) {
                case Work.Extension extension -> {
                    var whole = request(extension, item.attempts, lease);
                    extensions
                            .computeIfAbsent(workerId, id -> new Batches<>())
                            .add(holds ? whole.brief() : whole, holds ? 0 : bytes(extension));
                }
                case Work.Scoring scoring -> {
                    var whole = request(scoring, item.attempts, lease);
                    scorings.computeIfAbsent(workerId, id -> new Batches<>())
                            .add(
                                    holds ? whole.brief() : whole,
                                    holds
                                            ? WireLimits.bytes(
                                                    List.of(scoring.prefix().getLast()))
                                            : bytes(scoring));
                }
            }
        }

        private static long bytes(Work work) {
            return WireLimits.bytes(work.prompt(), work.prefix());
        }
    }

    /** Requests for one worker, in pieces that a wire takes. */
    private static final class Batches<Q> {
        private static final long REQUEST_BYTES = 1024;

        private final List<List<Q>> batches = new ArrayList<>();
        private long bytes;

        void add(Q request, long more) {
            if (batches.isEmpty() || bytes + REQUEST_BYTES + more > WireLimits.MAX_BATCH_BYTES) {
                batches.add(new ArrayList<>());
                bytes = 0;
            }
            batches.getLast().add(request);
            bytes += REQUEST_BYTES + more;
        }

        List<List<Q>> all() {
            return batches;
        }
    }

    private long patienceMillis() {
        return settings.leaseDuration().toMillis();
    }

    private long newLease(Item item, String workerId, long nowMillis) {
        var worker = workers.get(workerId);
        long id = nextLease++;
        if (worker.leaseExpiryMillis.isEmpty()) {
            worker.progressMillis = nowMillis;
        }
        worker.taken++;
        worker.leaseExpiryMillis.put(id, expiryAfter(nowMillis));
        worker.onTheirWaySinceMillis.put(id, nowMillis);
        item.attempts++;
        item.lease = id;
        leases.put(id, new Lease(id, item, workerId, nowMillis));
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
                work.maxTokens(),
                work.node().node(),
                null);
    }

    private static ScoreRequest request(Work.Scoring work, int attempt, long lease) {
        return new ScoreRequest(
                new AttemptKey(work.key(), attempt),
                lease,
                work.model(),
                work.prompt(),
                work.node(),
                work.prefix(),
                work.parent().node(),
                null);
    }
}
