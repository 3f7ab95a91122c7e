package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One distribution of a pool's free slots.
 *
 * <p>A piece whose prefix lies with a worker that is busy is passed over while there is other work for the free
 * slot, a bounded number of times. If nothing else is left for a free slot, the piece waits for its holder only
 * as long as that costs less than reading again what the free worker does not hold. One that has waited is
 * thought to wait as long again, a ski-rental rule: at most twice the best is paid. Prefill is expensive: all
 * that the worker runs stands still meanwhile, and the children of a piece that moved are read there as well.
 * For the latter it counts fourfold; twice or half of that moves the makespan of bench B5 by .3 % and the
 * tokens by 1 %. The piece of which least has to be read goes first: siblings follow each other to a worker
 * that has read what they share.
 */
final class Placing {
    /** How many waiting pieces of a job are looked at to fill one slot. */
    private static final int WINDOW = 256;
    /** How often a piece may be passed over for each worker that might have been its holder. */
    private static final int PASSES_A_WORKER = 64;

    private static final double WEIGHT_OF_READING = 4;
    private static final double MILLIS_A_SECOND = 1000;

    /**
     * A worker of the pool as it stands.
     *
     * @param freeSlots 0 for one that is busy or out of service
     * @param usable whether it takes work now or when it has a slot again
     * @param probe whether it takes one piece only
     * @param meanServiceMillis from lease to result; infinite if that is not known
     */
    record Server(
            WorkerAnnouncement announcement,
            int freeSlots,
            boolean usable,
            boolean probe,
            int leases,
            double meanServiceMillis) {
        private boolean suits(Work work) {
            return work.numericsFamily() == null
                    || work.numericsFamily().equals(announcement.numericsClass().family());
        }

        private String id() {
            return announcement.workerId();
        }
    }

    /**
     * A piece that goes to a worker.
     *
     * @param brief whether naming the prefix's node to the worker is enough, as far as is known
     */
    record Assignment(Piece piece, String workerId, boolean brief) {}

    /**
     * @param assignments in the order in which they were made
     * @param kept workers whose free slots are kept for work that waits for its holder on purpose
     * @param left workers that serve jobs with work that is left; empty where slots are kept for it
     */
    record Outcome(List<Assignment> assignments, Set<String> kept, List<String> left) {}

    /** What a worker would read to take a piece, divided among the siblings. */
    private record Reading(JobQueue job, Piece piece, double tokens) {}

    private final Placement placement;
    private final double rereadTokensPerSecond;
    private final Collection<JobQueue> jobs;
    private final List<Server> serving;
    private final long nowMillis;
    private final Map<String, Integer> free = new LinkedHashMap<>();
    private final Map<String, Integer> granted = new HashMap<>();
    private final Map<String, Integer> waitingFor = new HashMap<>();
    private final List<Assignment> assignments = new ArrayList<>();
    private int allFree;

    private Placing(
            Placement placement,
            double rereadTokensPerSecond,
            Collection<JobQueue> jobs,
            List<Server> serving,
            long nowMillis) {
        this.placement = placement;
        this.rereadTokensPerSecond = rereadTokensPerSecond;
        this.jobs = jobs;
        this.serving = serving;
        this.nowMillis = nowMillis;
        for (var server : serving) {
            free.put(server.id(), server.freeSlots());
            allFree += server.freeSlots();
        }
    }

    /**
     * Distributes the free slots of a pool. Takes each placed piece out of its queue and notes its new holder.
     *
     * @param jobs of which at least one has waiting work
     * @param serving the workers of the pool, in a stable order
     */
    static Outcome place(
            Placement placement,
            double rereadTokensPerSecond,
            Collection<JobQueue> jobs,
            List<Server> serving,
            long nowMillis) {
        return new Placing(placement, rereadTokensPerSecond, jobs, serving, nowMillis).place();
    }

    private Outcome place() {
        boolean waitsForHolders = false;
        if (allFree > 0) {
            placeWhereFree();
            waitsForHolders = allFree > 0 && FairQueues.isWorkLeft(jobs) && placeWhereCheapest();
        }
        if (waitsForHolders) {
            return new Outcome(assignments, free.keySet(), List.of());
        }
        var left = serving.stream()
                .filter(server -> jobs.stream().anyMatch(job -> suitsFirst(server, job)))
                .map(Server::id)
                .toList();
        return new Outcome(assignments, Set.of(), left);
    }

    /** All work of a job asks for the same class. */
    private static boolean suitsFirst(Server server, JobQueue job) {
        return !job.isEmpty() && server.suits(job.waiting.first().work);
    }

    /** Passes over what a busy worker holds, while there is other work for the free slots. */
    private void placeWhereFree() {
        var exhausted = new HashSet<JobQueue>();
        jobs.stream().filter(job -> freest(job).isEmpty()).forEach(exhausted::add);
        for (var job = fairest(exhausted); job != null && allFree > 0; job = fairest(exhausted)) {
            var passed = new ArrayList<Piece>();
            boolean placed = false;
            for (var piece : job.waiting) {
                var chosen = piece.passedOver < PASSES_A_WORKER * serving.size()
                        ? placement.choose(candidates(piece), true)
                        : freest(job);
                if (chosen.filter(worker -> free.get(worker) > 0).isPresent()) {
                    assign(job, piece, chosen.get());
                    placed = true;
                    break;
                }
                passed.add(piece);
                if (passed.size() >= WINDOW) {
                    break;
                }
            }
            if (placed) {
                passed.forEach(piece -> piece.passedOver++);
            }
            if (!placed || freest(job).isEmpty()) {
                exhausted.add(job);
            }
        }
    }

    /** For slots that nothing else is left for. Says whether anything waits for its holder on purpose. */
    private boolean placeWhereCheapest() {
        boolean waits = false;
        for (var reading : leastReadFirst()) {
            if (allFree == 0) {
                return false;
            }
            if (freest(reading.job()).isEmpty()) {
                continue;
            }
            var piece = reading.piece();
            var chosen = placement.choose(candidates(piece), false).orElseThrow();
            if (free.get(chosen) > 0) {
                assign(reading.job(), piece, chosen);
            } else {
                waits = true;
                waitingFor.merge(chosen, 1, Integer::sum);
                piece.waitForHolder(nowMillis);
            }
        }
        return waits;
    }

    /** Work that moves to another worker should be near what that worker holds; siblings read it once together. */
    private List<Reading> leastReadFirst() {
        var siblings = new HashMap<NodeReference, Integer>();
        jobs.forEach(job -> job.waiting.stream()
                .limit(WINDOW)
                .forEach(piece -> siblings.merge(piece.work.held(), 1, Integer::sum)));
        return jobs.stream()
                .flatMap(job -> job.waiting.stream().limit(WINDOW).map(piece -> {
                    var held = piece.work.held();
                    long tokens = piece.holders.tokensToRead(held.node(), worker -> free.getOrDefault(worker, 0) > 0);
                    return new Reading(job, piece, (double) tokens / siblings.get(held));
                }))
                .sorted(Comparator.comparingDouble(Reading::tokens))
                .toList();
    }

    private JobQueue fairest(Set<JobQueue> exhausted) {
        JobQueue fairest = null;
        for (var job : jobs) {
            if (!job.isEmpty() && !exhausted.contains(job) && (fairest == null || job.before(fairest))) {
                fairest = job;
            }
        }
        return fairest;
    }

    private List<Placement.Candidate> candidates(Piece piece) {
        var candidates = new ArrayList<Placement.Candidate>(serving.size());
        long waited = piece.waitedForHolderMillis(nowMillis);
        for (var server : serving) {
            int slots = free.get(server.id());
            if (server.suits(piece.work) && (slots > 0 || piece.heldBy(server.id()) && isUsable(server))) {
                candidates.add(candidate(piece, server, slots, waited));
            }
        }
        return candidates;
    }

    private Placement.Candidate candidate(Piece piece, Server server, int slots, long waitedMillis) {
        var id = server.id();
        double nextSlotMillis = (1 + waitingFor.getOrDefault(id, 0))
                * server.meanServiceMillis()
                / server.announcement().slots();
        double rereadMillis = WEIGHT_OF_READING
                * (1 + server.leases() + granted.getOrDefault(id, 0))
                * MILLIS_A_SECOND
                * piece.holders.tokensToRead(id, piece.work.held().node())
                / rereadTokensPerSecond;
        return new Placement.Candidate(id, slots, rereadMillis, slots > 0 ? 0 : Math.max(waitedMillis, nextSlotMillis));
    }

    private boolean isUsable(Server server) {
        return server.usable() && !(server.probe() && granted.containsKey(server.id()));
    }

    /** The worker with the most free slots for a job's work; empty if there is none. */
    private Optional<String> freest(JobQueue job) {
        return serving.stream()
                .filter(server -> suitsFirst(server, job))
                .map(Server::id)
                .filter(worker -> free.get(worker) > 0)
                .max(Comparator.comparing(free::get));
    }

    private void assign(JobQueue job, Piece piece, String workerId) {
        job.lease(piece);
        assignments.add(new Assignment(piece, workerId, piece.mayBeBriefFor(workerId)));
        piece.holders.hold(workerId, piece.work.held().node());
        free.merge(workerId, -1, Integer::sum);
        granted.merge(workerId, 1, Integer::sum);
        allFree--;
    }
}
