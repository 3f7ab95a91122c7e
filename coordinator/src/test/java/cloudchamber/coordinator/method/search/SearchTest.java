package cloudchamber.coordinator.method.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.CompletedRound;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.Driver;
import cloudchamber.coordinator.method.Extension;
import cloudchamber.coordinator.method.LogOdds;
import cloudchamber.coordinator.method.MethodEvent.RoundClosed;
import cloudchamber.coordinator.method.Node;
import cloudchamber.coordinator.method.Potential;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.method.ToyLanguage;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.Allocation;
import cloudchamber.protocol.model.method.BeamSearchSettings;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.DvtsSettings;
import cloudchamber.protocol.model.method.GreedySettings;
import cloudchamber.protocol.model.method.IslandsSettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParallelTemperingSettings;
import cloudchamber.protocol.model.method.ParticleGibbsSettings;
import cloudchamber.protocol.model.method.RebaseSettings;
import cloudchamber.protocol.model.method.SelfConsistencySettings;
import cloudchamber.protocol.model.method.WeightedBestOfNSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The methods that search: whole generations, beam search, DVTS, REBASE; and how each spends its budget. */
class SearchTest {
    /** A text is its own answer; the empty one has none. */
    private static final Answers TEXT = new Answers() {
        @Override
        public Optional<String> extract(String text) {
            return Optional.of(text).filter(answer -> !answer.isEmpty());
        }

        @Override
        public boolean equivalent(String one, String other) {
            return one.equals(other);
        }
    };

    // ---- whole generations

    /** Answers 2, 3, 2, 4 with their scores: the best alone, by summed scores, by count. */
    @ParameterizedTest
    @CsvSource({".50, .90, .45, .10, 3, 2, 2", ".40, .90, .35, .10, 3, 3, 2", ".50, .20, .45, .10, 2, 2, 2"})
    void bestOfNAndItsVotes(
            double first, double second, double third, double fourth, String best, String weighted, String majority) {
        var texts = List.of("2", "3", "2", "4");
        double[] scores = {first, second, third, fourth};

        assertThat(answer(BestOfNSettings.standard(), texts, scores)).isEqualTo(best);
        assertThat(answer(WeightedBestOfNSettings.standard(), texts, scores)).isEqualTo(weighted);
        assertThat(answer(SelfConsistencySettings.standard(), texts, scores)).isEqualTo(majority);
    }

    @Test
    void aTextWithoutAnAnswerIsNeverElected() {
        double[] scores = {.9, .9, .3};

        assertThat(answer(BestOfNSettings.standard(), List.of("", "", "7"), scores))
                .isEqualTo("7");
        assertThat(answer(WeightedBestOfNSettings.standard(), List.of("", "", "7"), scores))
                .isEqualTo("7");
        assertThat(answer(SelfConsistencySettings.standard(), List.of("", "", "7"), scores))
                .isEqualTo("7");
        assertThat(answer(SelfConsistencySettings.standard(), List.of("", "", ""), scores))
                .isNull();
    }

    private static String answer(MethodSettings settings, List<String> texts, double[] scores) {
        var sized = settings.withBudget(texts.size());
        var run = Methods.start(sized, Driver.SAMPLING, Driver.WIDE, TEXT);
        var plan = run.plan();
        var extensions = new ArrayList<Extension>();
        for (int slot = 0; slot < texts.size(); slot++) {
            extensions.add(new Extension(
                    plan.expansions().get(slot),
                    new Step(texts.get(slot), List.of(), StepEnd.END, StepLimit.NONE, 0, 0),
                    plan.scored() ? List.of(LogOdds.of(scores[slot])) : List.of()));
        }
        for (var event : run.decide(new CompletedRound(0, extensions, Cost.NONE), new RandomStreams(1))) {
            run = run.evolve(event);
        }
        return run.outcome().orElseThrow().answer();
    }

    /** One generation at temperature 0: on the tree A is likeliest, then A1. */
    @Test
    void greedyTakesTheLikeliest() {
        var ended = Driver.of(ToyLanguage.tree(), GreedySettings.standard()).run(1);

        assertThat(ended.outcome().answer()).isEqualTo("A|A1|");
        assertThat(ended.run().cost()).isEqualTo(new Cost(1, 0, 0, 0, 0, 0, 0));
    }

    /** Independent samples: shares of answers are binomial around the prior, and no score is asked for. */
    @Test
    void selfConsistencySamplesThePolicy() {
        var language = ToyLanguage.tree();
        var ended = Driver.of(language, SelfConsistencySettings.standard().withParticles(20_000))
                .run(1);

        assertThat(ended.run().cost().prmCalls()).isZero();
        language.prior()
                .forEach((text, probability) -> assertThat(ended.weight(text))
                        .isCloseTo(probability, within(4 * Math.sqrt(probability * (1 - probability) / 20_000))));
    }

    /** Weighted by its score a whole generation is an importance sample: of p · r. */
    @Test
    void weightedBestOfNWeighsTheScore() {
        var language = ToyLanguage.tree();
        var ended = Driver.of(language, WeightedBestOfNSettings.standard().withParticles(20_000))
                .run(1);

        assertThat(ended.run().cost()).isEqualTo(new Cost(20_000, 20_000, 0, 0, 0, 0, 0));
        language.posterior(text -> LogOdds.probability(language.logOdds(text)))
                .forEach((text, probability) -> assertThat(ended.weight(text)).isCloseTo(probability, within(.015)));
    }

    // ---- beam search

    /** 16 beams of width 4: the 4 best that go on are each extended 4 times in turn; what finished leaves. */
    @Test
    void beamSearchKeepsTheBestThatGoOn() {
        var search = Search.beam(16, 4);
        var scores = new double[16];
        var finished = new boolean[16];
        for (int candidate = 0; candidate < 16; candidate++) {
            scores[candidate] = candidate / 16.0;
        }
        finished[15] = true;

        assertThat(search.width()).isEqualTo(16);
        assertThat(search.next(scores, finished, 1))
                .containsExactly(14, 13, 12, 11, 14, 13, 12, 11, 14, 13, 12, 11, 14, 13, 12, 11);
        assertThat(search.next(scores, finished, 16))
                .as("16 texts are finished")
                .isEmpty();
    }

    @Test
    void beamSearchOnTheTree() {
        var ended = Driver.of(ToyLanguage.tree(), BeamSearchSettings.standard()).run(1);
        var rounds = ended.events().stream().map(RoundClosed.class::cast).toList();

        assertThat(rounds.getFirst().populations().getFirst().nodes()).hasSize(16);
        assertThat(new HashSet<>(rounds.getFirst().populations().getFirst().ancestors()))
                .hasSize(4);
        assertThat(rounds.get(1).nodes()).hasSize(16);
        assertThat(ended.outcome().particles()).hasSizeLessThanOrEqualTo(16);
        assertThat(ended.outcome().answer()).isIn("A|A1|", "A|A2|A21|", "S|");
    }

    // ---- DVTS

    /** 4 subtrees of 4 candidates, each from its best; a subtree whose best is finished is over. */
    @Test
    void subtreesGoOnFromTheirBestAlone() {
        var search = Search.dvts(16, 4);

        assertThat(search.chains()).isEqualTo(4);
        assertThat(search.width()).isEqualTo(4);
        assertThat(search.next(new double[] {.1, .8, .8, .3}, new boolean[4], 0))
                .containsExactly(1, 1, 1, 1);
        assertThat(search.next(new double[] {.1, .8, .7, .3}, new boolean[] {false, true, false, false}, 1))
                .isEmpty();
    }

    /** What one subtree does is the same whatever the others are. */
    @Test
    void subtreesAreIndependent() {
        var four = Driver.of(ToyLanguage.tree(), DvtsSettings.standard()).run(1);
        var two = Driver.of(ToyLanguage.tree(), DvtsSettings.standard().withParticles(8))
                .run(1);

        for (int chain = 0; chain < 2; chain++) {
            int tree = chain;
            assertThat(texts(four, tree)).isEqualTo(texts(two, tree)).isNotEmpty();
        }
        assertThat(four.outcome().particles()).hasSize(16);
    }

    private static List<List<String>> texts(Driver.Ended ended, int chain) {
        return ended.populations().stream()
                .filter(population -> population.chain() == chain)
                .map(population -> population.nodes().stream()
                        .map(node -> ended.run().tree().text(node))
                        .toList())
                .toList();
    }

    // ---- REBASE

    @Test
    void rebaseSharesTheWidthOut() {
        assertThat(shares(16, .9, .8, .5, .3)).containsExactly(9, 6, 1, 0);
        assertThat(shares(16, .95, .2, .2, .2)).containsExactly(15, 1, 0, 0);
        assertThat(shares(16, .5, .5, .5, .5)).as("equal scores, equal shares").containsExactly(4, 4, 4, 4);
        assertThat(shares(15, .5, .5, .5)).containsExactly(5, 5, 5);
        for (int width = 1; width < 60; width++) {
            assertThat(shares(width, .7, .7, .7, .1, .7, .7, .7).stream()
                            .mapToInt(Integer::intValue)
                            .sum())
                    .isEqualTo(width);
        }
    }

    private static List<Integer> shares(int width, double... scores) {
        var next = Search.rebase(width, .2).next(scores, new boolean[scores.length], 0);
        var shares = new ArrayList<Integer>();
        for (int candidate = 0; candidate < scores.length; candidate++) {
            int wanted = candidate;
            shares.add((int) next.stream().filter(index -> index == wanted).count());
        }
        return shares;
    }

    /** Each finished text takes one of the width for good. */
    @Test
    void rebaseNeverExceedsItsWidth() {
        for (int seed = 0; seed < 50; seed++) {
            var ended = Driver.of(ToyLanguage.tree(), RebaseSettings.standard()).run(seed);
            int finished = 0;
            for (var event : ended.events()) {
                var closed = (RoundClosed) event;
                assertThat(closed.nodes().size() + finished).isLessThanOrEqualTo(16);
                finished += (int) closed.nodes().stream()
                        .filter(node -> node.step().finishes())
                        .count();
            }
            assertThat(ended.outcome().particles()).hasSize(finished);
        }
    }

    // ---- budgets

    @Test
    void aBudgetIsParticlesTimesIterationsTimesChains() {
        for (var settings : Methods.standard()) {
            if (settings instanceof GreedySettings) {
                assertThat(settings.budget()).isEqualTo(1);
                continue;
            }
            for (int budget : new int[] {16, 32, 64, 100}) {
                var sized = settings.withBudget(budget);
                var allocation = sized.allocation();
                int one = allocation.iterations() * allocation.chains();
                int granule = settings instanceof BeamSearchSettings || settings instanceof DvtsSettings ? 4 : one;
                assertThat(sized.budget()).as(settings.id()).isEqualTo(budget / granule * granule);
            }
        }
        assertThat(ParticleGibbsSettings.standard().withBudget(32).allocation()).isEqualTo(new Allocation(8, 4, 1));
        assertThat(ParallelTemperingSettings.standard().withBudget(32).allocation())
                .isEqualTo(new Allocation(4, 4, 2));
        assertThat(IslandsSettings.standard().withBudget(32).allocation()).isEqualTo(new Allocation(8, 1, 4));
        assertThatThrownBy(() -> ParticleGibbsSettings.standard().withBudget(7))
                .hasMessage("a budget must be at least 8 generations, 2 for each of 4 sweeps: was 7");
    }

    @Test
    void aScoreOfAWholeGenerationIsAggregatedOverItsSteps() {
        var node = new Node(
                1,
                0,
                1,
                new Step("x", List.of(), StepEnd.END, StepLimit.NONE, 0, 0),
                List.of(LogOdds.of(.9), LogOdds.of(.2), LogOdds.of(.8)));
        var tree = PrefixTree.EMPTY.plus(List.of(node));

        assertThat(Potential.aggregated(Aggregation.MIN).logOdds(tree, 1)).isCloseTo(LogOdds.of(.2), within(1e-12));
        assertThat(Potential.aggregated(Aggregation.LAST).logOdds(tree, 1)).isCloseTo(LogOdds.of(.8), within(1e-12));
        assertThat(Merit.logScore(Potential.aggregated(Aggregation.MEAN), tree, 1))
                .isCloseTo(Math.log(1.9 / 3), within(1e-12));
    }
}
