package cloudchamber.coordinator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.wire.Role;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlacingTest {
    private final FairQueues queues = new FairQueues(DispatchSettings.Order.OLDEST);
    private final PrefixHolders holders = new PrefixHolders();

    private List<Piece> enqueue(int count) {
        return enqueue(count, 0);
    }

    /** Siblings whose prefix has so many tokens. */
    private List<Piece> enqueue(int count, int tokens) {
        var prefix = List.of(new PrefixStep("step", Collections.nCopies(tokens, 1)));
        var pieces = IntStream.range(0, count)
                .mapToObj(slot -> {
                    var work = with(Works.extension("p", slot), prefix, null);
                    holders.learn(work);
                    return new Piece(work, 1, 1, 1, slot, 0, 0, holders);
                })
                .toList();
        pieces.forEach(queues::enqueue);
        return pieces;
    }

    private static Placing.Server server(String id, int free, boolean usable, boolean probe) {
        return new Placing.Server(Works.worker(id, Role.POLICY, 8), free, usable, probe, 0, 10);
    }

    private Placing.Outcome place(Placing.Server... serving) {
        var outcomes = new ArrayList<Placing.Outcome>();
        queues.forEachWithWork(
                (pool, jobs) -> outcomes.add(Placing.place(Placement.leastCost(), 30_000, jobs, List.of(serving), 0)));
        return outcomes.getFirst();
    }

    @Test
    void noMoreIsAssignedThanIsFreeAndTheRestIsLeft() {
        enqueue(5);
        var outcome = place(server("one", 2, true, false), server("other", 1, true, false));

        assertThat(outcome.assignments())
                .extracting(Placing.Assignment::workerId)
                .hasSize(3);
        assertThat(outcome.assignments())
                .filteredOn(chosen -> chosen.workerId().equals("other"))
                .hasSizeLessThanOrEqualTo(1);
        assertThat(outcome.left()).containsExactly("one", "other");
        assertThat(outcome.kept()).isEmpty();
    }

    /** The first that comes to a worker brings the prefix, those that follow name it. */
    @Test
    void theFirstBringsThePrefixAndSiblingsNameIt() {
        enqueue(3);
        var outcome = place(server("one", 3, true, false));

        assertThat(outcome.assignments()).extracting(Placing.Assignment::brief).containsExactly(false, true, true);
        assertThat(outcome.left()).isEmpty();
    }

    @Test
    void workThatWasRefusedForItsPrefixIsSentWhole() {
        var pieces = enqueue(1);
        holders.hold("one", 0);
        pieces.getFirst().prefixMisses++;

        assertThat(place(server("one", 1, true, false)).assignments())
                .extracting(Placing.Assignment::brief)
                .containsExactly(false);
    }

    /** A piece whose holder is busy waits for it while that is cheaper, and the free slots are kept. */
    @Test
    void slotsAreKeptForWorkThatWaitsForItsHolder() {
        enqueue(1, 3000);
        holders.hold("holder", 0);
        var waits = place(server("holder", 0, true, false), server("free", 1, true, false));
        assertThat(waits.assignments()).isEmpty();
        assertThat(waits.kept()).containsExactlyInAnyOrder("holder", "free");

        var gone = place(server("holder", 0, false, false), server("free", 1, true, false));
        assertThat(gone.assignments()).extracting(Placing.Assignment::workerId).containsExactly("free");
    }

    /** An ejected worker takes one piece as a probe; nothing waits for it meanwhile. */
    @Test
    void nothingWaitsForAProbe() {
        enqueue(2, 3000);
        holders.hold("probe", 0);
        var outcome = place(server("probe", 1, true, true), server("free", 1, true, false));

        assertThat(outcome.assignments())
                .extracting(Placing.Assignment::workerId)
                .containsExactlyInAnyOrder("probe", "free");
    }

    @Test
    void workOfAnotherNumericsFamilyIsLeftAlone() {
        var work = with(Works.extension("p", 0), List.of(), "another/family");
        queues.enqueue(new Piece(work, 1, 1, 1, 0, 0, 0, holders));

        var outcome = place(server("one", 3, true, false));
        assertThat(outcome.assignments()).isEmpty();
        assertThat(outcome.left()).isEmpty();
    }

    private static Work.Extension with(Work.Extension work, List<PrefixStep> prefix, String family) {
        return new Work.Extension(
                work.key(),
                work.model(),
                work.prompt(),
                work.node(),
                work.parent(),
                prefix,
                work.sampling(),
                work.seed(),
                work.stops(),
                work.maxStepTokens(),
                work.maxTokens(),
                family);
    }
}
