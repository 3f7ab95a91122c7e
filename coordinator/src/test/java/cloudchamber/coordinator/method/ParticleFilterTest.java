package cloudchamber.coordinator.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.method.MethodEvent.RoundClosed;
import cloudchamber.coordinator.method.MethodEvent.RunFailed;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParticleFilterTest {
    private static final ParticleFilterSettings STANDARD = ParticleFilterSettings.standard();

    @Test
    void theTargetFinalHasTheLawOfTheLastOdds() {
        var language = ToyLanguage.tree();
        lawIs(language, STANDARD.withTarget(Target.FINAL), language::odds);
    }

    @Test
    void theTargetProductHasTheLawOfAllRewards() {
        var language = ToyLanguage.tree();
        lawIs(language, STANDARD.withTarget(Target.PRODUCT), language::productOfRewards);
    }

    @Test
    void theTargetFinalLogHasTheLawOfTheLastReward() {
        var language = ToyLanguage.tree();
        lawIs(language, STANDARD.withTarget(Target.FINAL_LOG), text -> LogOdds.probability(language.logOdds(text)));
    }

    /** Odds to the power 1/2, whatever the temperatures on the way, also when they end after the texts. */
    @ParameterizedTest(name = "over {0} rounds")
    @CsvSource({"1", "2", "3", "9"})
    void anAnnealedTargetIsTheOneAtTheLastTemperature(int rounds) {
        var language = ToyLanguage.tree();
        lawIs(
                language,
                STANDARD.withSoftmaxTemperature(new TemperatureSchedule(5, 2, rounds)),
                text -> Math.sqrt(language.odds(text)));
    }

    /** The published weights sample neither: an answer of probability .377 comes out at .806, and at .741. */
    @Test
    void thePublishedTargetsReproduceTheirPublishedLaws() {
        lawIs(
                Driver.of(
                        ToyLanguage.tree(),
                        ParticleFilterSettings.standard(Target.PAPER).withParticles(1000)),
                paths(ClosedForm.law("/tree/paper_mode")));
        lawIs(
                Driver.of(
                        ToyLanguage.tree(),
                        ParticleFilterSettings.standard(Target.ITS_HUB).withParticles(1000)),
                paths(ClosedForm.law("/tree/its_hub_sample")));
    }

    /** The laws that the tests enumerate are the ones that were computed apart from this code. */
    @Test
    void theEnumeratedLawsAreTheKnownOnes() {
        var language = ToyLanguage.tree();
        lawsAreEqual(language.posterior(language::odds), "/tree/final_odds");
        lawsAreEqual(language.posterior(language::productOfRewards), "/tree/product");
        lawsAreEqual(language.posterior(text -> LogOdds.probability(language.logOdds(text))), "/tree/final_r");
        assertThat(language.evidence(language::odds)).isCloseTo(43.0 / 6, within(1e-12));
        assertThat(language.evidence(language::productOfRewards)).isCloseTo(.455, within(1e-12));
    }

    private static void lawsAreEqual(Map<String, Double> law, String pointer) {
        var known = paths(ClosedForm.law(pointer));
        assertThat(law.keySet()).isEqualTo(known.keySet());
        law.forEach((answer, probability) -> assertThat(probability).isCloseTo(known.get(answer), within(1e-12)));
    }

    /** {@code A.A1} as the toy language writes it: {@code A|A1|}. */
    private static Map<String, Double> paths(Map<String, Double> law) {
        var paths = new HashMap<String, Double>();
        law.forEach((answer, probability) -> paths.put(answer.replace('.', '|') + "|", probability));
        return paths;
    }

    private static void lawIs(ToyLanguage language, ParticleFilterSettings settings, ToDoubleFunction<String> psi) {
        double evidence = lawIs(Driver.of(language, settings.withParticles(1000)), language.posterior(psi));

        assertThat(evidence).isCloseTo(language.evidence(psi), within(.02 * language.evidence(psi)));
    }

    /**
     * The mean posterior of 200 runs at N = 1000 against the exact law, for answers of probability at least
     * .01. The bias of a self-normalised estimate is of order 1/N, well below the standard error, which is
     * the sample's own; 4 of them.
     *
     * @return the mean of Ẑ
     */
    private static double lawIs(Driver driver, Map<String, Double> law) {
        var shares = new HashMap<String, Sample>();
        var evidence = new Sample();
        for (int run = 0; run < 200; run++) {
            var ended = driver.run(run);
            evidence.add(ended.outcome().logEvidence() == null ? 0 : ended.evidence());
            for (var answer : law.keySet()) {
                shares.computeIfAbsent(answer, name -> new Sample()).add(ended.weight(answer));
            }
        }
        law.forEach((answer, probability) -> {
            if (probability >= .01) {
                shares.get(answer).hasMean(probability, .003, answer);
            }
        });
        return evidence.mean();
    }

    /** S ends in the first round and must not be weighed again while the others go on. */
    @Test
    void aFinishedParticleIsNeverExtendedNorWeighedAgain() {
        var ended = Driver.of(ToyLanguage.tree(), STANDARD.withEssThreshold(0)).run(3);
        var rounds = ended.events().stream().map(RoundClosed.class::cast).toList();
        var tree = ended.run().tree();
        var first = rounds.getFirst().populations().getFirst();

        assertThat(rounds).hasSize(3);
        assertThat(first.nodes()).anyMatch(tree::finished);
        for (int slot = 0; slot < 16; slot++) {
            int node = first.nodes().get(slot);
            if (tree.finished(node)) {
                for (var round : rounds) {
                    assertThat(round.populations().getFirst().nodes().get(slot)).isEqualTo(node);
                    assertThat(round.populations().getFirst().logWeights().get(slot))
                            .isEqualTo(first.logWeights().get(slot));
                }
            }
        }
        assertThat(ended.run().cost().policyCalls()).isEqualTo(tree.size() - 1);
        assertThat(ended.run().cost().prmCalls()).isEqualTo(tree.size() - 1);
    }

    @Test
    void theLastRoundIsNotResampled() {
        var ended = Driver.of(ToyLanguage.twoStates(3), STANDARD.withEssThreshold(1))
                .run(1);

        assertThat(ended.events().stream()
                        .map(event ->
                                ((RoundClosed) event).populations().getFirst().resampled()))
                .containsExactly(true, true, false);
    }

    /** A reward of 0 kills a particle of the product: it is dropped, and the evidence stays unbiased. */
    @Test
    void aRewardOfZeroKillsInTheProduct() {
        var language =
                ToyLanguage.hmm(new double[] {.5, .5}, new double[][] {{.5, .5}, {.5, .5}}, new double[] {1, 0}, 2);
        var driver = Driver.of(language, STANDARD.withTarget(Target.PRODUCT).withParticles(4));
        int runs = 20_000;
        int failed = 0;
        double sum = 0;
        for (int run = 0; run < runs; run++) {
            var ended = driver.run(run);
            sum += ended.evidence();
            if (ended.run().failure().isPresent()) {
                failed++;
                assertThat(ended.run().failure().orElseThrow().category())
                        .isEqualTo(RunFailed.Category.ALL_PARTICLES_DEAD);
                assertThat(ended.run().outcome()).isEmpty();
            } else {
                assertThat(ended.weight("0|0|")).isEqualTo(1);
            }
        }

        /* Z = 1/4, and Ẑ is in [0, 1], so sd < 1/2; a run fails with probability at most 1/8. */
        assertThat(sum / runs).isCloseTo(.25, within(4 * .5 / Math.sqrt(runs)));
        assertThat(failed).isPositive().isLessThan(runs / 4);
    }

    /** In the target final a probability of 0 or 1 is clipped: nobody dies, and no weight is infinite. */
    @Test
    void aRewardOfZeroIsClippedInTheTargetFinal() {
        var language =
                ToyLanguage.hmm(new double[] {.5, .5}, new double[][] {{.5, .5}, {.5, .5}}, new double[] {1, 0}, 1);
        var ended = Driver.of(language, STANDARD).run(1);
        var weights = ((RoundClosed) ended.events().getFirst())
                .populations()
                .getFirst()
                .logWeights();

        assertThat(weights).allSatisfy(weight -> assertThat(Math.abs(weight)).isCloseTo(36.043653, within(1e-6)));
        assertThat(weights).contains(LogOdds.CLIP, -LogOdds.CLIP);
    }

    @Test
    void aRoundThatIsNotOpenHasNoEvents() {
        var driver = Driver.of(ToyLanguage.tree(), STANDARD);
        var random = RandomStreams.of(1, "p1");
        var run = driver.start();
        var first = driver.round(run, random);
        var next = run.evolve(run.decide(first, random).getFirst());

        assertThat(next.decide(first, random)).isEmpty();
        assertThat(driver.run(random).run().decide(first, random)).isEmpty();
    }
}
