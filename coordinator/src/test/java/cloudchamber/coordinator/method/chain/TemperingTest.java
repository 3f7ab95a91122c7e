package cloudchamber.coordinator.method.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.method.Choice;
import cloudchamber.coordinator.method.ClosedForm;
import cloudchamber.coordinator.method.Driver;
import cloudchamber.coordinator.method.LogOdds;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.Sample;
import cloudchamber.coordinator.method.ToyLanguage;
import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.method.IslandsSettings;
import cloudchamber.protocol.model.method.ParallelTemperingSettings;
import cloudchamber.protocol.model.method.Resampling;
import cloudchamber.protocol.model.method.Target;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chains side by side: parallel tempering, whose chains swap, and islands, which are pooled. */
class TemperingTest {
    private static final List<String> PATHS = List.of("00", "01", "10", "11");
    private static final ToyLanguage LANGUAGE = ToyLanguage.twoStates(2);
    private static final double HOT = .5;
    private static final double COLD = 1;
    private static final double POINT_999_OF_15_DEGREES = 37.70;

    /** π_hot(x) π_cold(y) A(x, y) = π_hot(y) π_cold(x) A(y, x), all 16 pairs, and the known acceptances. */
    @Test
    void swapsAreInDetailedBalance() {
        var hot = ClosedForm.law("/pt/pi_hot");
        var cold = ClosedForm.law("/pt/pi_cold");
        double mean = 0;
        for (var x : PATHS) {
            for (var y : PATHS) {
                double there = acceptance(x, y);
                assertThat(there).isCloseTo(ClosedForm.number("/pt/accept/" + x + "|" + y), within(1e-12));
                assertThat(hot.get(x) * cold.get(y) * there)
                        .isCloseTo(hot.get(y) * cold.get(x) * acceptance(y, x), within(1e-15));
                mean += hot.get(x) * cold.get(y) * there;
            }
        }

        assertThat(mean).isCloseTo(ClosedForm.number("/pt/mean_acceptance"), within(1e-12));
    }

    private static double acceptance(String hot, String cold) {
        return Math.exp(Swap.logAcceptance(HOT, COLD, logPsi(hot), logPsi(cold)));
    }

    private static double logPsi(String path) {
        return Math.log(LANGUAGE.productOfRewards(path.charAt(0) + "|" + path.charAt(1) + "|"));
    }

    @ParameterizedTest(name = "{0} in the hot chain, {1} in the cold one")
    @CsvSource({".9, .6, 1", ".6, .9, .408248", ".5, .99, .100504"})
    void swapsOfLastOddsHaveTheirAcceptance(double hot, double cold, double acceptance) {
        assertThat(Math.exp(Swap.logAcceptance(HOT, COLD, LogOdds.of(hot), LogOdds.of(cold))))
                .isCloseTo(acceptance, within(1e-6));
    }

    /** A pair of references drawn from the product of the chains' laws is still one after passes and a swap. */
    @Test
    void aSweepAndASwapLeaveTheJointLawAsItIs() {
        var settings = ParallelTemperingSettings.standard()
                .withChains(2)
                .withParticles(2)
                .withIterations(4)
                .withTarget(Target.PRODUCT)
                .withResampling(Resampling.MULTINOMIAL)
                .withEssThreshold(1);
        var passes = new ParticleGibbsTest.Passes(LANGUAGE, settings, 2);
        var cold = LANGUAGE.posterior(LANGUAGE::productOfRewards);
        var hot = LANGUAGE.posterior(text -> Math.sqrt(LANGUAGE.productOfRewards(text)));
        var joint = new HashMap<String, Double>();
        cold.forEach((x, p) -> hot.forEach((y, q) -> joint.put(x + " " + y, p * q)));
        var counts = new HashMap<String, Integer>();
        int swapped = 0;
        for (int run = 0; run < 40_000; run++) {
            var random = new CounterRandom(~run);
            var before = List.of(ParticleGibbsTest.drawn(cold, random), ParticleGibbsTest.drawn(hot, random));
            var after = passes.from(before, run);
            counts.merge(after.get(0) + " " + after.get(1), 1, Integer::sum);
            swapped += passes.swapped() ? 1 : 0;
        }

        assertThat(Sample.chiSquare(counts, joint)).isLessThan(POINT_999_OF_15_DEGREES);
        assertThat(swapped / 40_000.0)
                .isCloseTo(ClosedForm.number("/pt/mean_acceptance"), within(4 * Math.sqrt(.14 / 40_000)));
    }

    /** Even pairs of chains swap after even passes, odd pairs after odd ones; a made swap exchanges the references. */
    @Test
    void pairsTakeTurns() {
        var settings = ParallelTemperingSettings.standard().withChains(4).withIterations(5);
        var ended = Driver.of(ToyLanguage.tree(), settings).run(1);
        var pairs = new HashMap<Integer, List<Integer>>();
        for (var event : ended.events()) {
            var swaps = ((MethodEvent.RoundClosed) event)
                    .choices().stream()
                            .filter(choice -> choice.purpose() == Purpose.SWAP)
                            .toList();
            if (!swaps.isEmpty()) {
                pairs.put(
                        swaps.getFirst().iteration(),
                        swaps.stream().map(Choice::chain).toList());
            }
        }

        assertThat(pairs).isEqualTo(Map.of(0, List.of(0, 2), 1, List.of(1), 2, List.of(0, 2), 3, List.of(1)));
    }

    @Test
    void theColdChainAnswersWithTheTarget() {
        var language = ToyLanguage.tree();
        var driver = Driver.of(
                language,
                ParallelTemperingSettings.standard()
                        .withParticles(12)
                        .withIterations(12)
                        .withBurnIn(4));
        var shares = new HashMap<String, Sample>();
        for (int run = 0; run < 200; run++) {
            var ended = driver.run(run);
            language.prior()
                    .keySet()
                    .forEach(answer ->
                            shares.computeIfAbsent(answer, name -> new Sample()).add(ended.weight(answer)));
        }
        language.posterior(language::odds)
                .forEach((answer, probability) -> shares.get(answer).hasMean(probability, .008, answer));
    }

    // ---- islands

    /** The pooled evidence is the mean of the islands', E[Ẑ] = Z and E[Ẑ f̂] = Z π(f); the answer weighs islands by theirs. */
    @Test
    void islandsArePooledByTheirEvidence() {
        var language = ToyLanguage.twoStates(3);
        var driver = Driver.of(
                language,
                IslandsSettings.standard()
                        .withChains(3)
                        .withParticles(2)
                        .withTarget(Target.PRODUCT)
                        .withResampling(Resampling.MULTINOMIAL)
                        .withEssThreshold(1));
        var evidence = new Sample();
        var weighted = new Sample();
        for (int run = 0; run < 10_000; run++) {
            var ended = driver.run(run);
            double share = ended.weight("0|0|0|");
            evidence.add(ended.evidence());
            weighted.add(ended.evidence() * share);
            if (run < 50) {
                var islands = ended.populations().subList(6, 9);
                double sum = 0;
                double first = 0;
                for (var island : islands) {
                    double mean = Math.exp(island.logEvidence());
                    sum += mean;
                    var weights = LogWeights.of(island.logWeights()).normalised();
                    for (int slot = 0; slot < 2; slot++) {
                        first += ended.run()
                                        .tree()
                                        .text(island.nodes().get(slot))
                                        .equals("0|0|0|")
                                ? mean * weights[slot]
                                : 0;
                    }
                }
                assertThat(ended.evidence()).isCloseTo(sum / 3, within(1e-12));
                assertThat(share).isCloseTo(first / sum, within(1e-12));
            }
        }

        /* sd(Ẑ) of two particles is .208061; of three islands √3 times less. */
        assertThat(evidence.mean()).isCloseTo(.260042, within(4 * .208061 / Math.sqrt(30_000)));
        assertThat(evidence.deviation()).isCloseTo(.208061 / Math.sqrt(3), within(.005));
        weighted.hasMean(.260042 * ClosedForm.number("/hmm/path_posterior/3/000/dec"), .002, "share times evidence");
    }

    /** An island whose particles all died counts as evidence 0; the others go on. */
    @Test
    void anIslandMayDie() {
        var language =
                ToyLanguage.hmm(new double[] {.5, .5}, new double[][] {{.5, .5}, {.5, .5}}, new double[] {1, 0}, 2);
        var driver = Driver.of(
                language,
                IslandsSettings.standard().withChains(3).withParticles(2).withTarget(Target.PRODUCT));
        var evidence = new Sample();
        int partly = 0;
        for (int run = 0; run < 5000; run++) {
            var ended = driver.run(run);
            evidence.add(ended.evidence());
            if (ended.run().failure().isEmpty()) {
                assertThat(ended.weight("0|0|")).isCloseTo(1, within(1e-12));
                partly += ended.outcome().particles().size() < 6 ? 1 : 0;
            }
        }

        evidence.hasMean(.25, .006, "evidence");
        assertThat(partly).isPositive();
    }
}
