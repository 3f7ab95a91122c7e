package cloudchamber.coordinator.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.sweep.Grid.Variant;
import cloudchamber.coordinator.sweep.SweepPlan.Cell;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Thinking;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.GreedySettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.SelfConsistencySettings;
import cloudchamber.protocol.model.method.WeightedBestOfNSettings;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GridTest {
    private static final DataSet SET =
            new DataSet("set", "abc", "math", null, List.of(new DataSet.Item("p1", "What is 1 + 1?", "2", Map.of())));

    @Test
    void cellsStandInTheOrderOfTheGridEachOnce() {
        var filter = ParticleFilterSettings.standard();
        var plan = grid(List.of(0L, 1L), filter.withParticles(4), filter.withParticles(16), filter.withParticles(4))
                .expand("s");

        assertThat(plan.cells())
                .extracting(cell -> cell.method().budget() + " " + cell.seed())
                .containsExactly("4 0", "4 1", "16 0", "16 1");
        assertThat(plan.cells()).extracting(Cell::id).doesNotHaveDuplicates();
        assertThat(plan.jobs()).hasSize(4);
    }

    /** A sweep that is submitted again finds its jobs, though their data set had no extraction then. */
    @Test
    void theUsualExtractionIsNoPartOfAnIdAndAnyOtherIs() {
        var before = plan(SET);

        assertThat(plan(SET.withExtraction(Extraction.STANDARD))).isEqualTo(before);
        assertThat(Stream.of(
                                SET.withExtraction(Extraction.of("boxed")),
                                SET.withExtraction(Extraction.of("hashes")),
                                SET.withExtraction(Extraction.matching("(.*)")),
                                SET.withExtraction(Extraction.STANDARD.cutAt(List.of("Q:"))))
                        .map(set -> plan(set).jobs().getFirst().id()))
                .doesNotHaveDuplicates()
                .doesNotContain(before.jobs().getFirst().id());
    }

    @Test
    void aSweepFromBeforeThereWereExtractionsKeepsItsRules() {
        var stored = sweep(SET);

        assertThat(sweep(SET.withExtraction(Extraction.STANDARD)).again(stored)).isEqualTo(stored);
        var boxed = sweep(SET.withExtraction(Extraction.of("boxed")));
        assertThat(boxed.again(stored)).isEqualTo(boxed);
        var usual = sweep(SET.withExtraction(Extraction.STANDARD));
        assertThat(usual.again(usual)).isEqualTo(usual);
    }

    private static SweepSpecification sweep(DataSet set) {
        return new SweepSpecification("s", "S", "{}", List.of(set), plan(set), List.of(), List.of());
    }

    private static SweepPlan plan(DataSet set) {
        return new Grid(
                        List.of(set),
                        List.of("bundled"),
                        List.of("bundled"),
                        List.of(.8),
                        List.of(new Grid.Variant(ParticleFilterSettings.standard(), Map.of())),
                        List.of(0L),
                        Sampling.atTemperature(.8),
                        new Limits(40, 512, 8192),
                        List.of("\n\n"))
                .expand("s");
    }

    @Test
    void idsDoNotDependOnTheRestOfTheGrid() {
        var filter = ParticleFilterSettings.standard();
        var small = grid(List.of(0L), filter).expand("s");
        var large = grid(List.of(5L, 0L), new GreedySettings(), filter).expand("s");

        assertThat(large.cells())
                .extracting(Cell::id)
                .contains(small.cells().getFirst().id());
        assertThat(large.jobs()).contains(small.jobs().getFirst());
    }

    /** Best-of-n at 64 serves every smaller budget, the weighted votes and self-consistency: one job, no further cell. */
    @Test
    void wholeGenerationsAreDrawnOnce() {
        var plan = grid(
                        List.of(0L),
                        new BestOfNSettings(4, Aggregation.LAST),
                        new BestOfNSettings(64, Aggregation.LAST),
                        new WeightedBestOfNSettings(16, Aggregation.LAST),
                        new SelfConsistencySettings(64),
                        new SelfConsistencySettings(1))
                .expand("s");

        assertThat(plan.jobs())
                .extracting(SweepPlan.CellJob::method)
                .containsExactly(new BestOfNSettings(64, Aggregation.LAST));
        assertThat(plan.cells())
                .hasSize(5)
                .allSatisfy(cell ->
                        assertThat(cell.job()).isEqualTo(plan.jobs().getFirst().id()));
    }

    @Test
    void votesBeyondWhatIsScoredAreDrawnUnscored() {
        var plan = grid(
                        List.of(0L),
                        new BestOfNSettings(4, Aggregation.LAST),
                        new SelfConsistencySettings(4),
                        new SelfConsistencySettings(64))
                .expand("s");

        assertThat(plan.jobs())
                .extracting(SweepPlan.CellJob::method)
                .containsExactly(new BestOfNSettings(4, Aggregation.LAST), new SelfConsistencySettings(64));
    }

    @Test
    void scoresOfSingleStepsAreNotShared() {
        var plan = grid(List.of(0L), new BestOfNSettings(4, Aggregation.MIN), new BestOfNSettings(16, Aggregation.MIN))
                .expand("s");

        assertThat(plan.jobs()).hasSize(2);
    }

    @Test
    void problemsAreSelectedByTagOffsetStrideAndLimit() {
        var items = IntStream.range(0, 20)
                .mapToObj(number ->
                        new DataSet.Item("p" + number, "What?", "1", Map.of("level", Integer.toString(number % 2))))
                .toList();
        var set = new DataSet("set", "abc", "math", null, items);

        assertThat(set.select(Map.of("level", "1"), 1, 3, 2))
                .extracting(DataSet.Item::id)
                .containsExactly("p3", "p9");
        assertThat(set.select(Map.of(), 0, 1, 1000)).isEqualTo(items);
    }

    @Test
    void greedyDecodingIsDoneOnce() {
        var plan = grid(List.of(0L, 1L, 2L), new GreedySettings()).expand("s");

        assertThat(plan.cells()).hasSize(3);
        assertThat(plan.jobs()).hasSize(1);
    }

    /** The ids of sweeps that were run before there was a choice, and those of the bundled models, stay. */
    @Test
    void aLaterSettingIsPartOfAnIdOnlyWhereItChangesTheRun() {
        var asEver = ids("bundled", EndAtAnswer.AT_MARK, null);

        assertThat(ids("bundled", null, null)).isEqualTo(asEver);
        assertThat(ids("bundled", null, Thinking.FREE)).isEqualTo(asEver);
        assertThat(ids("bundled", EndAtAnswer.FINAL_LINE, null)).isNotEqualTo(asEver);
        assertThat(ids("bundled", null, new Thinking(64, false))).isNotEqualTo(asEver);
        assertThat(ids("other", null, null))
                .isEqualTo(ids("other", EndAtAnswer.NEVER, null))
                .isNotEqualTo(ids("other", EndAtAnswer.AT_MARK, null));
        assertThat(asEver).containsExactly("particle-filter-16-s0-82b2f8779233");
    }

    @Test
    void whatIsUsualGoesWithThePolicyIfNothingIsAskedFor() {
        assertThat(job("bundled", null).endAtAnswer()).isEqualTo(EndAtAnswer.FINAL_LINE);
        assertThat(job("other", null).endAtAnswer()).isEqualTo(EndAtAnswer.NEVER);
        assertThat(job("other", EndAtAnswer.AT_MARK).endAtAnswer()).isNull();
    }

    private static List<String> ids(String policy, EndAtAnswer end, Thinking thinking) {
        return grid(policy, end, thinking).expand("s").cells().stream()
                .map(Cell::id)
                .toList();
    }

    private static SweepPlan.CellJob job(String policy, EndAtAnswer end) {
        return grid(policy, end, null).expand("s").jobs().getFirst();
    }

    private static Grid grid(String policy, EndAtAnswer end, Thinking thinking) {
        return new Grid(
                List.of(SET),
                List.of(policy),
                List.of("bundled"),
                List.of(0.8),
                List.of(new Variant(ParticleFilterSettings.standard(), Map.of())),
                List.of(0L),
                Sampling.atTemperature(0.8),
                new Limits(40, 512, 8192),
                List.of("\n\n"),
                end,
                thinking,
                null);
    }

    private static Grid grid(List<Long> seeds, MethodSettings... methods) {
        return new Grid(
                List.of(SET),
                List.of("bundled"),
                List.of("bundled"),
                List.of(0.8),
                Stream.of(methods).map(method -> new Variant(method, Map.of())).toList(),
                seeds,
                Sampling.atTemperature(0.8),
                new Limits(40, 512, 8192),
                List.of("\n\n"));
    }
}
