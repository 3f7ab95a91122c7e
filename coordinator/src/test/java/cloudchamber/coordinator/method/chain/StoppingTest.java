package cloudchamber.coordinator.method.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.method.Driver;
import cloudchamber.coordinator.method.MethodEvent.RunStopped;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.ToyLanguage;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.method.IslandsSettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.ParticleGibbsSettings;
import cloudchamber.protocol.model.method.Target;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that end early: what counts, and what is no longer claimed. */
class StoppingTest {
    private static final ToyLanguage TREE = ToyLanguage.tree();

    /** At the deadline only islands whose particles are all finished count, weighed by their evidence. */
    @Test
    void aDeadlineCountsFinishedIslandsAlone() {
        var settings = IslandsSettings.standard().withChains(6).withParticles(2);
        boolean seen = false;
        for (int seed = 0; seed < 50; seed++) {
            var stopped = afterTwoRounds(settings, seed, RunStopped.Reason.DEADLINE);
            if (stopped == null) {
                continue;
            }
            var finished = stopped.passes().stream()
                    .filter(pass -> pass.over(stopped.tree()))
                    .toList();
            var outcome = stopped.outcome().orElseThrow();

            assertThat(outcome.stopped()).isEqualTo(RunStopped.Reason.DEADLINE);
            assertThat(outcome.logEvidence()).isNull();
            assertThat(outcome.noEvidence()).isEqualTo("the run was stopped before its particles were finished");
            assertThat(outcome.particles().stream().map(Outcome.Particle::node))
                    .isEqualTo(finished.stream()
                            .flatMap(pass -> pass.nodes().stream())
                            .toList());
            assertThat(outcome.particles().stream()
                            .mapToDouble(Outcome.Particle::weight)
                            .sum())
                    .isCloseTo(finished.isEmpty() ? 0 : 1, within(1e-12));
            seen |= finished.size() > 0 && finished.size() < 6;
        }
        assertThat(seen).as("some islands were finished and some were not").isTrue();
    }

    @Test
    void aDeadlineInTheFirstSweepOfParticleGibbsLeavesNothing() {
        var stopped = afterTwoRounds(ParticleGibbsSettings.standard().withBurnIn(0), 3, RunStopped.Reason.DEADLINE);

        assertThat(stopped.outcome().orElseThrow().particles()).isEmpty();
        assertThat(stopped.outcome().orElseThrow().answer()).isNull();
    }

    /** Out of tokens, particles count as they stand; those without an answer keep their weight and are not elected. */
    @Test
    void aTokenBudgetCountsParticlesAsTheyStand() {
        var stopped = afterTwoRounds(ParticleFilterSettings.standard(), 1, RunStopped.Reason.TOKEN_BUDGET);
        var outcome = stopped.outcome().orElseThrow();

        assertThat(outcome.particles()).hasSize(16);
        assertThat(outcome.answer()).isIn("A|A1|", "B|B1|", "S|");
        assertThat(outcome.posterior()).anyMatch(answer -> answer.answer() == null);
        assertThat(outcome.logEvidence()).isNull();
    }

    /** The open run after two rounds and a stop; null if it was over before. */
    private static ChainRun afterTwoRounds(MethodSettings settings, int seed, RunStopped.Reason reason) {
        var driver = Driver.of(TREE, settings);
        var random = RandomStreams.of(seed, "p");
        var run = driver.start();
        for (int round = 0; round < 2; round++) {
            for (var event : run.decide(driver.round(run, random), random)) {
                run = run.evolve(event);
            }
        }
        if (run.plan().isEmpty()) {
            return null;
        }
        for (var event : run.stop(reason, "2 rounds", random)) {
            run = run.evolve(event);
        }
        return (ChainRun) run;
    }

    // ---- the certificate

    /** Whatever the certificate says, the whole run says too: it is a proof, for both targets it is allowed for. */
    @ParameterizedTest
    @EnumSource(
            value = Target.class,
            names = {"PRODUCT", "FINAL_LOG"})
    void aCertifiedAnswerIsTheAnswerOfTheWholeRun(Target target) {
        var settings = ParticleFilterSettings.standard(target).withEssThreshold(0);
        int certified = 0;
        for (int seed = 0; seed < 2000; seed++) {
            var whole = Driver.of(TREE, settings).run(seed);
            var early = Driver.of(TREE, settings.withCertificate(true)).run(seed);
            var outcome = early.outcome();

            assertThat(outcome.answer()).isEqualTo(whole.outcome().answer());
            if (outcome.stopped() == RunStopped.Reason.CERTIFICATE) {
                certified++;
                assertThat(outcome.posterior()).isNull();
                assertThat(outcome.logEvidence()).isNull();
                assertThat(outcome.noEvidence()).isEqualTo("a certificate ended the run before its weights were known");
                assertThat(early.run().cost().policyCalls())
                        .isLessThan(whole.run().cost().policyCalls());
            }
        }
        assertThat(certified).isGreaterThan(100);
    }

    /** Odds have no bound, and a resampling may turn every vote: there the certificate would be wrong. */
    @ParameterizedTest
    @ValueSource(strings = {"FINAL", "PAPER", "ITS_HUB"})
    void theCertificateIsRefusedWhereItIsNotTrue(String target) {
        assertThatThrownBy(() -> ParticleFilterSettings.standard()
                        .withTarget(Target.valueOf(target))
                        .withEssThreshold(0)
                        .withCertificate(true))
                .hasMessageStartingWith("method.certificate needs essThreshold 0");
        assertThatThrownBy(() -> ParticleFilterSettings.standard(Target.PRODUCT)
                        .withEssThreshold(.5)
                        .withCertificate(true))
                .hasMessageStartingWith("method.certificate needs essThreshold 0");
    }

    @Test
    void stoppingTwiceIsStoppingOnce() {
        var random = RandomStreams.of(1, "p");
        MethodRun stopped = afterTwoRounds(ParticleFilterSettings.standard(), 1, RunStopped.Reason.TOKEN_BUDGET);

        assertThat(stopped.stop(RunStopped.Reason.DEADLINE, "again", random)).isEmpty();
        assertThat(stopped.evolve(new RunStopped(RunStopped.Reason.DEADLINE, "again", List.of())))
                .isEqualTo(stopped);
    }
}
