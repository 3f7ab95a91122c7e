package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.wire.Role;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * The work that waits: by pool, by job, and that which waits for a time.
 *
 * <p>Of the jobs with waiting work the one that holds the smallest share of leases, by weight, is served;
 * within it the oldest problem (or the one with the fewest rounds).
 */
final class FairQueues {
    private record Delayed(long dueMillis, Piece piece) {}

    private static final Comparator<Piece> OLDEST_PROBLEM_FIRST =
            Comparator.<Piece>comparingLong(piece -> piece.order).thenComparingLong(piece -> piece.arrival);
    private static final Comparator<Piece> FEWEST_ROUNDS_FIRST = Comparator.<Piece>comparingInt(
                    piece -> piece.work.key().iteration())
            .thenComparingInt(piece -> piece.work.key().round())
            .thenComparing(OLDEST_PROBLEM_FIRST);

    private final Comparator<Piece> order;
    private final Map<Pool, Map<String, JobQueue>> queues = new LinkedHashMap<>();
    private final PriorityQueue<Delayed> delayed = new PriorityQueue<>(
            Comparator.comparingLong(Delayed::dueMillis).thenComparing(Delayed::piece, OLDEST_PROBLEM_FIRST));

    FairQueues(DispatchSettings.Order order) {
        this.order = switch (order) {
            case OLDEST -> OLDEST_PROBLEM_FIRST;
            case FEWEST_ROUNDS -> FEWEST_ROUNDS_FIRST;
        };
    }

    void enqueue(Piece piece) {
        var jobs = queues.computeIfAbsent(Pool.of(piece.work), pool -> new LinkedHashMap<>());
        jobs.computeIfAbsent(piece.work.key().job(), job -> levelWith(jobs.values()))
                .add(piece);
    }

    /** A job that is new to a pool starts level with the others: nobody saves up turns. */
    private JobQueue levelWith(Collection<JobQueue> others) {
        return new JobQueue(
                order, others.stream().mapToDouble(JobQueue::served).min().orElse(0));
    }

    /** Enqueues the piece at a later time. */
    void enqueueAt(long dueMillis, Piece piece) {
        delayed.add(new Delayed(dueMillis, piece));
    }

    /** Enqueues the pieces whose time has come. */
    void enqueueDue(long nowMillis) {
        while (!delayed.isEmpty() && delayed.peek().dueMillis() <= nowMillis) {
            enqueue(delayed.poll().piece());
        }
    }

    /** The piece waits no more, in a queue or for a time. */
    void remove(Piece piece) {
        var job = jobOf(piece);
        if (job != null) {
            job.waiting.remove(piece);
        }
        delayed.removeIf(later -> later.piece() == piece);
    }

    /** The queue of a piece's job; null if nothing of the job waits or is leased. */
    JobQueue jobOf(Piece piece) {
        return queues.getOrDefault(Pool.of(piece.work), Map.of())
                .get(piece.work.key().job());
    }

    /** Every pool that has waiting work, with its jobs. */
    void forEachWithWork(BiConsumer<Pool, Collection<JobQueue>> happening) {
        queues.forEach((pool, jobs) -> {
            jobs.values().removeIf(JobQueue::isIdle);
            if (isWorkLeft(jobs.values())) {
                happening.accept(pool, jobs.values());
            }
        });
    }

    static boolean isWorkLeft(Collection<JobQueue> jobs) {
        for (var job : jobs) {
            if (!job.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** How many pieces of work nobody works on yet, by model. */
    Map<String, Integer> waitingByModel(Role role) {
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
}
