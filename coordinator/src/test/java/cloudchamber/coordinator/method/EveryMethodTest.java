package cloudchamber.coordinator.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.method.MethodEvent.RunStopped;
import cloudchamber.coordinator.method.RoundCollector.Reception;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.BeamSearchSettings;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.DvtsSettings;
import cloudchamber.protocol.model.method.EntropicParticleFilterSettings;
import cloudchamber.protocol.model.method.GreedySettings;
import cloudchamber.protocol.model.method.IslandsSettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParallelTemperingSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.ParticleGibbsSettings;
import cloudchamber.protocol.model.method.PotentialSource;
import cloudchamber.protocol.model.method.RebaseSettings;
import cloudchamber.protocol.model.method.Resampling;
import cloudchamber.protocol.model.method.Selection;
import cloudchamber.protocol.model.method.SelfConsistencySettings;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import cloudchamber.protocol.model.method.WeightedBestOfNSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every method alike. */
class EveryMethodTest {

    static Stream<MethodSettings> methods() {
        var filters = Arrays.stream(Resampling.values())
                .map(resampling -> ParticleFilterSettings.standard()
                        .withResampling(resampling)
                        .withEssThreshold(1)
                        .withBranching(resampling == Resampling.OPTIMAL ? 3 : 1));
        var targets = Arrays.stream(Target.values()).map(ParticleFilterSettings::standard);
        return Stream.of(
                        filters,
                        targets,
                        Stream.of(
                                ParticleFilterSettings.standard()
                                        .withSoftmaxTemperature(new TemperatureSchedule(3, 1, 4))
                                        .withSelection(Selection.DRAW),
                                ParticleFilterSettings.standard().withPotential(PotentialSource.SELF_CERTAINTY),
                                ParticleFilterSettings.standard()
                                        .withEssThreshold(0)
                                        .withTarget(Target.PRODUCT)
                                        .withCertificate(true),
                                GreedySettings.standard(),
                                SelfConsistencySettings.standard(),
                                BestOfNSettings.standard(),
                                WeightedBestOfNSettings.standard().withAggregation(Aggregation.MIN),
                                BeamSearchSettings.standard(),
                                BeamSearchSettings.standard().withSelection(Selection.DRAW),
                                DvtsSettings.standard(),
                                RebaseSettings.standard(),
                                ParticleGibbsSettings.standard(),
                                ParticleGibbsSettings.standard()
                                        .withResampling(Resampling.SYSTEMATIC)
                                        .withSelection(Selection.DRAW),
                                ParallelTemperingSettings.standard().withChains(3),
                                IslandsSettings.standard(),
                                EntropicParticleFilterSettings.standard(),
                                EntropicParticleFilterSettings.standard().withCorrected(false),
                                EntropicParticleFilterSettings.standard()
                                        .withLookAhead(true)
                                        .withEssThreshold(1)))
                .flatMap(methods -> methods);
    }

    /** Steps and scores come shuffled, some twice, between strays of earlier rounds: the events are the same. */
    @ParameterizedTest
    @MethodSource("methods")
    void arrivalOrderRepeatsAndStraysChangeNothing(MethodSettings settings) {
        var driver = Driver.of(ToyLanguage.tree(), settings);
        var random = RandomStreams.of(7, "p1");
        var expected = driver.run(random).events();

        for (int seed = 0; seed < 20; seed++) {
            assertThat(roughly(driver, random, new Random(seed))).isEqualTo(expected);
        }
    }

    private static List<MethodEvent> roughly(Driver driver, RandomStreams random, Random chaos) {
        var run = driver.start();
        var events = new ArrayList<MethodEvent>();
        var earlier = new ArrayList<StepKey>();
        while (!run.plan().isEmpty()) {
            var collector = RoundCollector.open("j", "p1", run.plan(), run.tree(), Driver.WIDE, text -> false);
            var asked = collector.stepsNeeded();
            var inbox = new ArrayList<>(asked);
            while (collector.completed().isEmpty()) {
                Collections.shuffle(inbox, chaos);
                var key = chaos.nextInt(4) == 0 ? inbox.getLast() : inbox.removeLast();
                if (!earlier.isEmpty()) {
                    assertThat(collector.accept(earlier.get(chaos.nextInt(earlier.size())), LATE, Usage.NONE))
                            .isEqualTo(new Reception.Ignored());
                }
                if (key.purpose() == Purpose.SCORE) {
                    var text = new StringBuilder();
                    collector.prefix(key).forEach(step -> text.append(step.text()));
                    collector.accept(key, List.of(driver.language().logOdds(text.toString())), Usage.NONE);
                } else if (collector.accept(
                                key, driver.step(run, key.round(), collector.expansion(key), random), Usage.NONE)
                        instanceof Reception.Taken taken) {
                    inbox.addAll(taken.scoresNeeded());
                }
            }
            earlier.addAll(asked);
            for (var event : run.decide(collector.completed().orElseThrow(), random)) {
                events.add(event);
                run = run.evolve(event);
            }
        }
        return events;
    }

    private static final Step LATE = new Step("late", List.of(), StepEnd.END, StepLimit.NONE, 0, 0);

    /** Events alone rebuild a run, however often each comes. */
    @ParameterizedTest
    @MethodSource("methods")
    void replayNeedsNoLuck(MethodSettings settings) {
        var driver = Driver.of(ToyLanguage.tree(), settings);
        for (int seed = 0; seed < 20; seed++) {
            var ended = driver.run(seed);
            var replayed = driver.start();
            for (var event : ended.events()) {
                replayed = replayed.evolve(event).evolve(event);
            }

            assertThat(replayed.outcome()).isEqualTo(ended.run().outcome()).isPresent();
            assertThat(replayed.cost()).isEqualTo(ended.run().cost());
            assertThat(replayed.plan().isEmpty()).isTrue();
        }
    }

    /** Each step is asked for once, each node is one committed call, and weights add up to 1. */
    @ParameterizedTest
    @MethodSource("methods")
    void theBooksAreInOrder(MethodSettings settings) {
        for (int seed = 0; seed < 20; seed++) {
            var ended = Driver.of(ToyLanguage.tree(), settings).run(seed);
            var outcome = ended.outcome();

            assertThat(ended.run().cost().policyCalls())
                    .isEqualTo(ended.run().tree().size() - 1);
            if (outcome.stopped() == null) {
                assertThat(outcome.posterior().stream()
                                .mapToDouble(Outcome.AnswerWeight::weight)
                                .sum())
                        .isCloseTo(1, within(1e-12));
                assertThat(outcome.particles().stream()
                                .mapToDouble(Outcome.Particle::weight)
                                .sum())
                        .isCloseTo(1, within(1e-12));
            }
            assertThat(outcome.answer()).isNotNull();
        }
    }

    /** Out of time, a run answers with what it has and says so; afterwards nothing happens to it. */
    @ParameterizedTest
    @MethodSource("methods")
    void everyRunCanBeStopped(MethodSettings settings) {
        var driver = Driver.of(ToyLanguage.tree(), settings);
        var random = RandomStreams.of(7, "p1");
        for (var reason : List.of(RunStopped.Reason.TOKEN_BUDGET, RunStopped.Reason.DEADLINE)) {
            var run = driver.start();
            for (var event : run.decide(driver.round(run, random), random)) {
                run = run.evolve(event);
            }
            boolean over = run.plan().isEmpty();
            var events = run.stop(reason, "5 seconds", random);
            assertThat(events).hasSize(over ? 0 : 1);
            for (var event : events) {
                run = run.evolve(event);
            }

            assertThat(run.plan().isEmpty()).isTrue();
            assertThat(run.stop(reason, "again", random)).isEmpty();
            var outcome = run.outcome().orElseThrow();
            assertThat(outcome.stopped()).isEqualTo(over ? outcome.stopped() : reason);
            if (!over) {
                assertThat(outcome.logEvidence()).isNull();
                assertThat(outcome.posterior().stream()
                                .mapToDouble(Outcome.AnswerWeight::weight)
                                .sum())
                        .isCloseTo(1, within(1e-12));
            }
        }
    }

    @Test
    void everyMethodHasItsFrozenId() {
        assertThat(methods().map(MethodSettings::id).distinct())
                .containsExactlyInAnyOrder(
                        "greedy",
                        "self-consistency",
                        "best-of-n",
                        "weighted-best-of-n",
                        "beam-search",
                        "dvts",
                        "rebase",
                        "particle-filter",
                        "particle-gibbs",
                        "parallel-tempering",
                        "islands",
                        "entropic-particle-filter");
    }
}
