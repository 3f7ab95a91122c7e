package cloudchamber.coordinator.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.Resampling;
import cloudchamber.protocol.model.method.Target;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The particle filter on a hidden Markov model of two states and three steps, whose evidence and moments
 * are known exactly for each number of particles.
 */
class HiddenMarkovTest {
    private static final int RUNS = 20_000;
    private static final ToyLanguage LANGUAGE = ToyLanguage.twoStates(3);
    private static final ParticleFilterSettings PRODUCT = ParticleFilterSettings.standard()
            .withTarget(Target.PRODUCT)
            .withResampling(Resampling.MULTINOMIAL)
            .withEssThreshold(1);

    /**
     * E[Ẑ] = Z = .260042 whatever the number of particles. The standard deviations of Ẑ are exact too, so the
     * tolerance is 4 sd/√runs; the sample's own is within 5 %. log Ẑ is below log Z on average, by a known
     * amount. The share of the last state is biased when it is normalised, by a known amount, and unbiased
     * when it is multiplied by Ẑ.
     */
    @ParameterizedTest(name = "{0} particles")
    @CsvSource({"1", "2", "3", "4", "8"})
    void theEvidenceIsUnbiasedAndTheNormalisedShareIsNot(int particles) {
        var at = "/bootstrap_pf_multinomial_every_step/T3N" + particles;
        var driver = Driver.of(LANGUAGE, PRODUCT.withParticles(particles));
        var evidence = new Sample();
        var logEvidence = new Sample();
        var share = new Sample();
        var weighted = new Sample();
        for (int run = 0; run < RUNS; run++) {
            var ended = driver.run(run);
            double first = ended.outcome().posterior().stream()
                    .filter(answer -> answer.answer().endsWith("0|"))
                    .mapToDouble(Outcome.AnswerWeight::weight)
                    .sum();
            evidence.add(ended.evidence());
            logEvidence.add(ended.outcome().logEvidence());
            share.add(first);
            weighted.add(ended.evidence() * first);
        }
        double deviation = ClosedForm.number(at + "/sd_Z");

        assertThat(evidence.mean()).isCloseTo(.260042, within(4 * deviation / Math.sqrt(RUNS)));
        assertThat(evidence.deviation()).isCloseTo(deviation, within(.05 * deviation));
        logEvidence.hasMean(ClosedForm.number(at + "/E_logZ"), .02, "log evidence");
        share.hasMean(ClosedForm.number(at + "/E_selfnorm_x_T_eq_0/dec"), .01, "normalised share");
        weighted.hasMean(.260042 * ClosedForm.number("/hmm/filter_x_T_eq_0/3/dec"), .01, "share times the evidence");
    }

    /** Resampling by need keeps E[Ẑ] and changes its deviation: never, below .6 N, below .9 N. */
    @ParameterizedTest(name = "threshold {0}")
    @CsvSource({"0, .177633", "0.6, .174083", "0.9, .167273"})
    void resamplingByNeedKeepsTheEvidenceUnbiased(double essThreshold, double deviation) {
        var driver = Driver.of(LANGUAGE, PRODUCT.withParticles(3).withEssThreshold(essThreshold));
        var evidence = new Sample();
        for (int run = 0; run < RUNS; run++) {
            evidence.add(driver.run(run).evidence());
        }

        assertThat(evidence.mean()).isCloseTo(.260042, within(4 * deviation / Math.sqrt(RUNS)));
        assertThat(evidence.deviation()).isCloseTo(deviation, within(.02 * deviation));
    }

    /** Other schemes have the same E[Ẑ]; the optimal one with three steps tried after each particle. */
    @ParameterizedTest
    @CsvSource({
        "RESIDUAL, 1",
        "STRATIFIED, 1",
        "SYSTEMATIC, 1",
        "SYSTEMATIC_SHUFFLED, 1",
        "SSP, 1",
        "OPTIMAL, 3",
        "SYSTEMATIC, 2"
    })
    void everySchemeKeepsTheEvidenceUnbiased(Resampling resampling, int branching) {
        var driver = Driver.of(
                LANGUAGE, PRODUCT.withParticles(4).withResampling(resampling).withBranching(branching));
        var evidence = new Sample();
        for (int run = 0; run < RUNS / 2; run++) {
            evidence.add(driver.run(run).evidence());
        }

        evidence.hasMean(.260042, .0021, "evidence");
    }

    @ParameterizedTest(name = "{0} particles")
    @CsvSource({"4, 2.489081, 2.502980", "8, 4.748524, 4.781076"})
    void distinctParentsAreAsManyAsExpected(int particles, double first, double second) {
        var driver = Driver.of(LANGUAGE, PRODUCT.withParticles(particles));
        var parents = new Sample[] {new Sample(), new Sample()};
        for (int run = 0; run < RUNS; run++) {
            var populations = driver.run(run).populations();
            for (int round = 0; round < 2; round++) {
                parents[round].add(new HashSet<>(populations.get(round).ancestors()).size());
            }
        }

        parents[0].hasMean(first, .01, "parents of the first resampling");
        parents[1].hasMean(second, .01, "parents of the second resampling");
    }

    /**
     * Odds as rewards make the published weights a product: with r = g/(1 + g) the odds are g, every path is as
     * long, and {@code paper} samples the path posterior. {@code its-hub} resamples once more and weighs
     * twice, so its share of the last state is another, known for each N.
     */
    @Test
    void thePaperSamplesTheProductOfOddsWhereAllTextsAreAsLong() {
        var driver =
                Driver.of(odds(), ParticleFilterSettings.standard(Target.PAPER).withParticles(400));
        var share = new Sample();
        for (int run = 0; run < 200; run++) {
            share.add(lastIsFirstState(driver.run(run)));
        }

        share.hasMean(ClosedForm.number("/hmm/filter_x_T_eq_0/3/dec"), .003, "share");
    }

    @ParameterizedTest(name = "{0} particles")
    @CsvSource({"4, .913487", "8, .959695", "64, .972240"})
    void itsHubWeighsTwice(int particles, double expected) {
        var driver = Driver.of(
                odds(), ParticleFilterSettings.standard(Target.ITS_HUB).withParticles(particles));
        var share = new Sample();
        for (int run = 0; run < 64_000 / particles; run++) {
            share.add(lastIsFirstState(driver.run(run)));
        }

        share.hasMean(expected, .003, "share");
    }

    private static ToyLanguage odds() {
        return ToyLanguage.hmm(
                new double[] {.6, .4}, new double[][] {{.7, .3}, {.2, .8}}, new double[] {.9 / 1.9, .2 / 1.2}, 3);
    }

    private static double lastIsFirstState(Driver.Ended ended) {
        return ended.outcome().posterior().stream()
                .filter(answer -> answer.answer().endsWith("0|"))
                .mapToDouble(Outcome.AnswerWeight::weight)
                .sum();
    }
}
