package cloudchamber.coordinator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FairQueuesTest {
    private final FairQueues queues = new FairQueues(DispatchSettings.Order.OLDEST);
    private int arrivals;

    private Piece piece(String job, long order, double weight) {
        var key = new StepKey(job, "p", 0, 0, 0, arrivals, Purpose.EXTEND);
        var like = Works.extension("p", arrivals);
        var work = new Work.Extension(
                key,
                like.model(),
                like.prompt(),
                new NodeReference(job, "p", arrivals + 1),
                new NodeReference(job, "p", 0),
                like.prefix(),
                like.sampling(),
                like.seed(),
                like.stops(),
                like.maxStepTokens(),
                like.maxTokens());
        return new Piece(work, order, weight, 1, arrivals++, 0, 0, new PrefixHolders());
    }

    /** The next piece whose turn it is. */
    private Piece next() {
        var next = new ArrayList<Piece>();
        queues.forEachWithWork((pool, jobs) -> {
            JobQueue first = null;
            for (var job : jobs) {
                first = !job.isEmpty() && (first == null || job.before(first)) ? job : first;
            }
            next.add(first.waiting.first());
        });
        var piece = next.getFirst();
        queues.jobOf(piece).lease(piece);
        return piece;
    }

    @Test
    void theOldestProblemOfAJobIsServedFirst() {
        for (long order : new long[] {5, 1, 3}) {
            queues.enqueue(piece("job", order, 1));
        }

        assertThat(List.of(next().order, next().order, next().order)).containsExactly(1L, 3L, 5L);
    }

    @Test
    void jobsHoldLeasesByTheirWeights() {
        for (int piece = 0; piece < 400; piece++) {
            queues.enqueue(piece("light", 1, 1));
            queues.enqueue(piece("heavy", 2, 3));
        }
        var held = new HashMap<String, Integer>();
        for (int turn = 0; turn < 400; turn++) {
            held.merge(next().work.key().job(), 1, Integer::sum);
        }

        assertThat(held).isEqualTo(Map.of("light", 100, "heavy", 300));
    }

    @Test
    void delayedWorkWaitsForItsTimeAndRemovedWorkIsGone() {
        var later = piece("job", 1, 1);
        var removed = piece("job", 2, 1);
        queues.enqueue(later);
        queues.enqueue(removed);
        queues.jobOf(later).lease(later);
        queues.enqueueAt(100, later);
        queues.remove(removed);
        queues.enqueueDue(99);
        assertThat(queues.waitingByModel(Role.POLICY)).isEmpty();
        queues.enqueueDue(100);
        assertThat(queues.waitingByModel(Role.POLICY)).isEqualTo(Map.of(Works.POLICY, 1));
        assertThat(queues.waitingByModel(Role.PRM)).isEmpty();
    }

    @Test
    void jobsWithoutWorkAndLeasesAreForgotten() {
        queues.enqueue(piece("job", 1, 1));
        var piece = next();
        piece.share.release();
        queues.enqueue(piece("other", 1, 1));
        var seen = new ArrayList<Integer>();
        queues.forEachWithWork((pool, jobs) -> seen.add(jobs.size()));

        assertThat(seen).containsExactly(1);
    }
}
