package cloudchamber.coordinator.method.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.method.Driver;
import cloudchamber.coordinator.method.LogOdds;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.Sample;
import cloudchamber.coordinator.method.ToyLanguage;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.BeamSearchSettings;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.EntropicParticleFilterSettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.ParticleGibbsSettings;
import cloudchamber.protocol.model.method.Selection;
import cloudchamber.protocol.model.method.SelfConsistencySettings;
import cloudchamber.protocol.model.method.Target;
import java.util.HashMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A recorded run answered under another law, from its events alone. */
class ReplayTest {
    private static final ToyLanguage TREE = ToyLanguage.tree();
    private static final Replay.Law FINAL = new Replay.Law(Target.FINAL, 1, Aggregation.LAST, Selection.VOTE);

    static Stream<Arguments> laws() {
        ToDoubleFunction<String> odds = TREE::odds;
        ToDoubleFunction<String> product = TREE::productOfRewards;
        ToDoubleFunction<String> reward = text -> LogOdds.probability(TREE.logOdds(text));
        ToDoubleFunction<String> root = text -> Math.sqrt(TREE.odds(text));
        ToDoubleFunction<String> smallest = text -> Stream.iterate(
                        text,
                        path -> !path.isEmpty(),
                        path -> TREE.words().get(path).parent())
                .mapToDouble(TREE::odds)
                .min()
                .orElseThrow();
        var filter = ParticleFilterSettings.standard().withParticles(1000);
        return Stream.of(
                Arguments.of(filter, FINAL, odds),
                Arguments.of(filter, law(Target.PRODUCT, 1, Aggregation.LAST), product),
                Arguments.of(filter, law(Target.FINAL_LOG, 1, Aggregation.LAST), reward),
                Arguments.of(filter, law(Target.FINAL, 2, Aggregation.LAST), root),
                Arguments.of(filter, law(Target.FINAL, 1, Aggregation.MIN), smallest),
                Arguments.of(filter.withTarget(Target.PRODUCT), FINAL, odds),
                Arguments.of(BestOfNSettings.standard().withParticles(1000), FINAL, odds),
                Arguments.of(
                        EntropicParticleFilterSettings.standard().withParticles(1000),
                        law(Target.PRODUCT, 1, Aggregation.LAST),
                        product));
    }

    private static Replay.Law law(Target target, double temperature, Aggregation aggregation) {
        return new Replay.Law(target, temperature, aggregation, Selection.VOTE);
    }

    /** Shares and evidence are those of the new law: Ẑ_new = Ẑ Σ W π_new/π_old has the new evidence as its mean. */
    @ParameterizedTest
    @MethodSource("laws")
    void theParticlesAreWeighedAgain(MethodSettings settings, Replay.Law law, ToDoubleFunction<String> psi) {
        var driver = Driver.of(TREE, settings);
        var shares = new HashMap<String, Sample>();
        var evidence = new Sample();
        for (int run = 0; run < 40; run++) {
            var replayed = (Replay.Reweighted) replay(settings, driver.run(run), law);
            assertThat(replayed.ess()).isBetween(1.0, 1000.0);
            evidence.add(Math.exp(replayed.outcome().logEvidence()));
            var weights = new HashMap<String, Double>();
            replayed.outcome().posterior().forEach(answer -> weights.put(answer.answer(), answer.weight()));
            TREE.prior()
                    .keySet()
                    .forEach(text ->
                            shares.computeIfAbsent(text, key -> new Sample()).add(weights.getOrDefault(text, 0.0)));
        }
        TREE.posterior(psi).forEach((text, probability) -> shares.get(text).hasMean(probability, .01, text));
        evidence.hasMean(TREE.evidence(psi), .02 * TREE.evidence(psi), "evidence");
    }

    /** Under its own law a run says what it said, to the last particle. */
    @Test
    void theSameLawIsTheSameAnswer() {
        for (var settings :
                new MethodSettings[] {ParticleFilterSettings.standard(), ParticleGibbsSettings.standard()}) {
            var ended = Driver.of(TREE, settings).run(5);
            var replayed = (Replay.Reweighted) replay(settings, ended, FINAL);

            assertThat(replayed.outcome().answer()).isEqualTo(ended.outcome().answer());
            assertThat(replayed.outcome().particles())
                    .hasSameSizeAs(ended.outcome().particles());
            for (int place = 0; place < replayed.outcome().particles().size(); place++) {
                assertThat(replayed.outcome().particles().get(place).weight())
                        .isCloseTo(ended.outcome().particles().get(place).weight(), within(1e-9));
            }
        }
    }

    /** A law far from the recorded one leaves few particles, and the effective sample size says so. */
    @Test
    void theEffectiveSampleSizeWarns() {
        var settings = ParticleFilterSettings.standard().withParticles(200);
        var ended = Driver.of(TREE, settings).run(5);
        var near = (Replay.Reweighted) replay(settings, ended, FINAL);
        var far = (Replay.Reweighted) replay(settings, ended, law(Target.FINAL, .02, Aggregation.LAST));

        assertThat(far.ess()).isLessThan(near.ess());
    }

    @Test
    void otherSelectionsAnswerFromTheSameParticles() {
        var settings = ParticleFilterSettings.standard();
        var ended = Driver.of(TREE, settings).run(5);

        for (var selection : Selection.values()) {
            var replayed = (Replay.Reweighted)
                    replay(settings, ended, new Replay.Law(Target.FINAL, 1, Aggregation.LAST, selection));
            assertThat(replayed.outcome().posterior())
                    .extracting(Outcome.AnswerWeight::answer)
                    .contains(replayed.outcome().answer());
        }
        var best = (Replay.Reweighted)
                replay(settings, ended, new Replay.Law(Target.FINAL, 1, Aggregation.LAST, Selection.BEST_SCORE));
        assertThat(best.outcome().posterior().stream()
                        .mapToDouble(answer -> TREE.logOdds(answer.answer()))
                        .max()
                        .orElseThrow())
                .isEqualTo(TREE.logOdds(best.outcome().answer()));
    }

    @Test
    void whatHasNoLawIsRefused() {
        refused(ParticleFilterSettings.standard(Target.PAPER), FINAL, "what the target paper samples depends on");
        refused(ParticleFilterSettings.standard(Target.ITS_HUB), FINAL, "what the target its-hub samples depends on");
        refused(
                EntropicParticleFilterSettings.standard().withCorrected(false),
                FINAL,
                "what the target its-hub samples depends on");
        refused(BeamSearchSettings.standard(), FINAL, "beam-search samples none");
        refused(SelfConsistencySettings.standard(), FINAL, "self-consistency has none");
        refused(
                ParticleFilterSettings.standard(),
                law(Target.PAPER, 1, Aggregation.LAST),
                "must be final, product or final-log: was paper");
        refused(
                BestOfNSettings.standard(),
                law(Target.PRODUCT, 1, Aggregation.LAST),
                "must be final or final-log for whole generations");
    }

    private static void refused(MethodSettings settings, Replay.Law law, String part) {
        var replayed = replay(settings, Driver.of(TREE, settings).run(1), law);

        assertThat(replayed)
                .isInstanceOfSatisfying(
                        Replay.Refused.class,
                        refused -> assertThat(refused.detail()).contains(part));
    }

    @Test
    void aRunThatHasNotEndedIsRefused() {
        var settings = ParticleFilterSettings.standard();
        var events = Driver.of(TREE, settings).run(1).events();

        assertThat(Replay.of(
                        settings,
                        Driver.SAMPLING,
                        Driver.WIDE,
                        TREE.answers(),
                        events.subList(0, 1),
                        FINAL,
                        new RandomStreams(1)))
                .isInstanceOf(Replay.Refused.class);
    }

    private static Replay replay(MethodSettings settings, Driver.Ended ended, Replay.Law law) {
        return Replay.of(
                settings, Driver.SAMPLING, Driver.WIDE, TREE.answers(), ended.events(), law, new RandomStreams(1));
    }
}
