package cloudchamber.coordinator.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.method.chain.Flattening;
import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.method.EntropicParticleFilterSettings;
import cloudchamber.protocol.model.method.Resampling;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.Tempering;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The entropic particle filter: flattened resamplings, corrected and as published, and looking ahead. */
class EntropicTest {
    private static final ToyLanguage STATES = ToyLanguage.twoStates(3);
    private static final EntropicParticleFilterSettings PRODUCT = EntropicParticleFilterSettings.standard()
            .withParticles(4)
            .withTarget(Target.PRODUCT)
            .withResampling(Resampling.MULTINOMIAL)
            .withEssThreshold(1)
            .withEarlyPhase(1);
    private static final Limits LIMITS = new Limits(4, 1000, 100_000);

    /** Weights .9, .05, .03, .02 after step 2 of at most 32: ESS/N = .307, relative entropy .309. */
    @Test
    void temperaturesAreThePublishedOnes() {
        var weights = LogWeights.of(
                Arrays.stream(new double[] {.9, .05, .03, .02}).map(Math::log).toArray());

        assertThat(temperature(Tempering.ESS, weights, 2)).isCloseTo(3.051750, within(1e-6));
        assertThat(temperature(Tempering.ENTROPY, weights, 2)).isCloseTo(2.841124, within(1e-6));
        assertThat(temperature(Tempering.BASE, weights, 2)).isCloseTo(1.9375, within(1e-12));
        assertThat(temperature(Tempering.NONE, weights, 2)).isEqualTo(1);
        assertThat(temperature(Tempering.ESS, weights, 16))
                .as("half of the steps")
                .isEqualTo(1);
        assertThat(temperature(Tempering.ESS, LogWeights.equal(4), 2))
                .as("ESS/N = 1")
                .isEqualTo(1);
        assertThat(weights.power(1 / temperature(Tempering.ESS, weights, 2)).normalised())
                .containsExactly(new double[] {.499203, .193619, .163777, .143401}, within(1e-6));
    }

    private static double temperature(Tempering tempering, LogWeights weights, int step) {
        return Flattening.entropic(tempering, .5, .5, 32).temperature(weights, step);
    }

    /** Children that carry what flattening took from their weight keep E[Ẑ] = Z and E[Ẑ f̂] = Z π(f). */
    @ParameterizedTest
    @EnumSource(Tempering.class)
    void theCorrectedFormKeepsTheEvidenceUnbiased(Tempering tempering) {
        evidenceIsUnbiased(PRODUCT.withTempering(tempering), tempering != Tempering.NONE);
    }

    @Test
    void lookingAheadKeepsTheEvidenceUnbiased() {
        evidenceIsUnbiased(PRODUCT.withTempering(Tempering.NONE).withLookAhead(true), true);
        evidenceIsUnbiased(PRODUCT.withLookAhead(true).withEssThreshold(.8), true);
        evidenceIsUnbiased(PRODUCT.withLookAhead(true).withResampling(Resampling.SYSTEMATIC), true);
    }

    /** @param corrects whether children must have weights of their own somewhere, so that the law has power */
    private static void evidenceIsUnbiased(EntropicParticleFilterSettings settings, boolean corrects) {
        var driver = Driver.of(STATES, settings, LIMITS);
        var evidence = new Sample();
        var weighted = new Sample();
        int corrected = 0;
        for (int run = 0; run < 10_000; run++) {
            var ended = driver.run(run);
            evidence.add(ended.evidence());
            weighted.add(ended.evidence() * ended.weight("0|0|0|"));
            corrected += ended.populations().stream()
                            .anyMatch(population -> population.resampled()
                                    && population.childLogWeights().stream()
                                            .anyMatch(weight -> Math.abs(weight) > 1e-6))
                    ? 1
                    : 0;
        }

        evidence.hasMean(.260042, .003, "evidence of " + settings);
        weighted.hasMean(.260042 * ClosedForm.number("/hmm/path_posterior/3/000/dec"), .003, "share times evidence");
        assertThat(corrected > 1000).isEqualTo(corrects);
    }

    /**
     * The published form forgets what flattening took, so its law is another, and far. At N → ∞ one round at
     * temperature θ samples p · odds^{1/θ}; here θ = 2 - 1/4 and 2 - 2/4, and the last odds count twice.
     */
    @Test
    void thePublishedFormIsBiased() {
        var language = ToyLanguage.tree();
        var published = EntropicParticleFilterSettings.standard()
                .withParticles(1000)
                .withCorrected(false)
                .withTempering(Tempering.BASE)
                .withEssThreshold(1)
                .withEarlyPhase(1);
        var publishedLaw = new HashMap<String, Double>();
        language.prior().forEach((text, p) -> {
            double log = Math.log(p);
            int depth = text.split("\\|").length;
            for (int round = 1; round <= 3; round++) {
                var words = text.split("(?<=\\|)");
                var prefix = String.join("", Arrays.copyOf(words, Math.min(round, depth)));
                log += language.logOdds(prefix) / (2 - round / 4.0);
            }
            publishedLaw.put(text, Math.exp(log + language.logOdds(text)));
        });
        double sum =
                publishedLaw.values().stream().mapToDouble(Double::doubleValue).sum();
        publishedLaw.replaceAll((text, weight) -> weight / sum);
        var stated = language.posterior(language::odds);

        var shares = shares(language, published, 60);
        publishedLaw.forEach((text, probability) -> {
            if (probability > .01) {
                shares.get(text).hasMean(probability, .006, text);
            }
        });
        assertThat(shares.get("A|A1|").mean() - stated.get("A|A1|")).as("bias").isGreaterThan(.2);

        var corrected = shares(language, published.withCorrected(true), 60);
        stated.forEach((text, probability) -> corrected.get(text).hasMean(probability, .006, text));
    }

    private static Map<String, Sample> shares(ToyLanguage language, EntropicParticleFilterSettings settings, int runs) {
        var driver = Driver.of(language, settings, LIMITS);
        var shares = new HashMap<String, Sample>();
        for (int run = 0; run < runs; run++) {
            var ended = driver.run(run);
            language.prior()
                    .keySet()
                    .forEach(text ->
                            shares.computeIfAbsent(text, name -> new Sample()).add(ended.weight(text)));
        }
        return shares;
    }

    /** The step looked at is greedy, is scored, is paid for, and nobody stands on it. */
    @Test
    void aLookAheadIsThrownAway() {
        var ended = Driver.of(STATES, PRODUCT.withLookAhead(true), LIMITS).run(1);
        var tree = ended.run().tree();

        assertThat(ended.run().cost().policyCalls()).isEqualTo(3 * 4 + 2 * 4);
        assertThat(ended.run().cost().prmCalls()).isEqualTo(3 * 4 + 2 * 4);
        assertThat(ended.outcome().particles())
                .allSatisfy(particle -> assertThat(tree.depth(particle.node())).isEqualTo(3));
        var run = Driver.of(STATES, PRODUCT.withLookAhead(true), LIMITS).start();
        var random = new RandomStreams(1);
        var driver = Driver.of(STATES, PRODUCT.withLookAhead(true), LIMITS);
        for (var event : run.decide(driver.round(run, random), random)) {
            run = run.evolve(event);
        }
        assertThat(run.plan().expansions()).hasSize(4).allSatisfy(expansion -> {
            assertThat(expansion.purpose()).isEqualTo(Purpose.LOOK_AHEAD);
            assertThat(expansion.sampling().temperature()).isZero();
        });
    }

    @ParameterizedTest(name = "look ahead {0}")
    @CsvSource({"false", "true"})
    void theTargetFinalKeepsItsEvidenceToo(boolean lookAhead) {
        var language = ToyLanguage.tree();
        var driver = Driver.of(
                language,
                EntropicParticleFilterSettings.standard()
                        .withParticles(16)
                        .withLookAhead(lookAhead)
                        .withEssThreshold(1)
                        .withEarlyPhase(1),
                LIMITS);
        var evidence = new Sample();
        for (int run = 0; run < 5000; run++) {
            evidence.add(driver.run(run).evidence());
        }

        evidence.hasMean(43.0 / 6, .06, "evidence");
    }
}
