package cloudchamber.coordinator.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.method.MethodEvent.RoundClosed;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.Selection;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a particle filter must be at its edges, and what is told of its populations. */
class StructureTest {
    private static final ToyLanguage TREE = ToyLanguage.tree();
    private static final ParticleFilterSettings STANDARD = ParticleFilterSettings.standard();

    /** One particle is one plain sample, whatever the scores say. */
    @Test
    void oneParticleIsOneSample() {
        for (var target : Target.values()) {
            var driver = Driver.of(TREE, ParticleFilterSettings.standard(target).withParticles(1));
            var counts = new HashMap<String, Integer>();
            for (int run = 0; run < 5000; run++) {
                counts.merge(driver.run(run).outcome().answer(), 1, Integer::sum);
            }

            assertThat(Sample.chiSquare(counts, TREE.prior())).as(target.id()).isLessThan(16.27);
        }
    }

    /** So hot that scores do not count, every particle is one plain sample. */
    @Test
    void infiniteTemperatureIsThePolicy() {
        var driver = Driver.of(
                TREE, STANDARD.withParticles(20_000).withSoftmaxTemperature(TemperatureSchedule.constant(1e6)));

        sharesAre(TREE.prior(), driver.run(1));
    }

    /** Scores that are all alike say nothing: the law is the policy's, and nobody is resampled. */
    @Test
    void equalScoresAreNoScores() {
        var ended = Driver.of(TREE, STANDARD.withParticles(20_000), (tree, node) -> .7)
                .run(1);

        sharesAre(TREE.prior(), ended);
        assertThat(ended.populations()).noneMatch(Population::resampled);
    }

    private static void sharesAre(Map<String, Double> law, Driver.Ended ended) {
        law.forEach((text, probability) -> assertThat(ended.weight(text))
                .isCloseTo(probability, within(4 * Math.sqrt(probability * (1 - probability) / 20_000) + 1e-5)));
    }

    /** So cold that only the best counts, every round copies the best particle. */
    @Test
    void temperatureZeroIsGreedy() {
        var settings = STANDARD.withEssThreshold(1).withSoftmaxTemperature(TemperatureSchedule.constant(1e-3));
        for (int seed = 0; seed < 50; seed++) {
            var ended = Driver.of(TREE, settings).run(seed);
            for (var population : ended.populations()) {
                if (population.resampled()) {
                    double best = population.logWeights().stream()
                            .mapToDouble(Double::doubleValue)
                            .max()
                            .orElseThrow();
                    assertThat(population.ancestors())
                            .allSatisfy(
                                    parent -> assertThat(population.logWeights().get(parent))
                                            .isEqualTo(best));
                }
            }
        }
    }

    /** A particle that finished first and holds all the weight is still there at the end. */
    @Test
    void aFinishedParticleSurvives() {
        var words = new LinkedHashMap<>(TREE.words());
        words.put("S|", new ToyLanguage.Word("", "S|", .2, 60, true));
        var ended = Driver.of(new ToyLanguage(words), STANDARD.withParticles(64).withEssThreshold(1))
                .run(1);

        assertThat(ended.weight("S|")).isCloseTo(1, within(1e-9));
        assertThat(ended.outcome().answer()).isEqualTo("S|");
    }

    /** The answer is drawn by weight: over many runs as often as the law says. */
    @Test
    void aDrawnAnswerHasTheLaw() {
        var driver = Driver.of(TREE, STANDARD.withParticles(100).withSelection(Selection.DRAW));
        var counts = new HashMap<String, Integer>();
        for (int run = 0; run < 2000; run++) {
            counts.merge(driver.run(run).outcome().answer(), 1, Integer::sum);
        }

        assertThat(Sample.chiSquare(counts, TREE.posterior(TREE::odds))).isLessThan(16.27);
    }

    /** Distinct parents and first steps are counted, and the entropy is that of the children's answers. */
    @Test
    void diversityIsCounted() {
        var ended = Driver.of(TREE, STANDARD.withEssThreshold(1)).run(2);
        var tree = PrefixTree.EMPTY;
        for (var event : ended.events()) {
            var closed = (RoundClosed) event;
            tree = tree.plus(closed.nodes());
            var population = closed.populations().getFirst();
            var diversity = Diversity.of(tree, population, TREE.answers());
            var roots = new HashSet<String>();
            for (int node : population.children()) {
                roots.add(tree.text(node).substring(0, 2));
            }
            assertThat(diversity.distinctParents()).isEqualTo(new HashSet<>(population.ancestors()).size());
            assertThat(diversity.distinctLineages()).isGreaterThanOrEqualTo(roots.size());
        }
        var two = new Population(
                0, 0, List.of(1, 2), List.of(0.0, 0.0), 1, 2, false, List.of(0, 1), List.of(0.0, 0.0), 0.0);
        var few = PrefixTree.EMPTY.plus(((RoundClosed) ended.events().getFirst()).nodes());
        boolean same = few.text(1).equals(few.text(2));
        assertThat(Diversity.of(few, two, whole()).answerEntropy()).isCloseTo(same ? 0 : Math.log(2), within(1e-12));
        var one = new Population(
                0, 0, List.of(1, 2), List.of(0.0, 0.0), 1, 2, true, List.of(1, 1), List.of(0.0, 0.0), 0.0);
        assertThat(Diversity.of(few, one, whole())).isEqualTo(new Diversity(1, 1, 0));
    }

    private static Answers whole() {
        return new Answers() {
            @Override
            public Optional<String> extract(String text) {
                return Optional.of(text);
            }

            @Override
            public boolean equivalent(String one, String other) {
                return one.equals(other);
            }
        };
    }

    /** The population is a function of the round, not of who asked: two runs of one seed are equal to the last bit. */
    @Test
    void theSameSeedIsTheSameRun() {
        var driver = Driver.of(TREE, STANDARD.withEssThreshold(1));

        assertThat(driver.run(RandomStreams.of(3, "p")).events())
                .isEqualTo(driver.run(RandomStreams.of(3, "p")).events())
                .isNotEqualTo(driver.run(RandomStreams.of(4, "p")).events());
    }
}
