package cloudchamber.coordinator.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.method.MethodEvent.RoundClosed;
import cloudchamber.coordinator.method.MethodEvent.RunStopped;
import cloudchamber.coordinator.method.catalog.Replay;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.method.IslandsSettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.ParticleGibbsSettings;
import cloudchamber.protocol.model.method.Resampling;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The law of a temperature schedule on languages whose texts have different lengths, where a pass may end before its
 * schedule does: E[Ẑ] = Σ p ψ^{1/end}, and E[Ẑ·π̂(a)] = p(a) ψ(a)^{1/end} for every answer a.
 */
class AnnealingTest {
    private static final int RUNS = 8000;
    private static final int PARTICLES = 4;
    private static final ParticleFilterSettings FILTER =
            ParticleFilterSettings.standard().withParticles(PARTICLES).withEssThreshold(1);
    private static final ParticleFilterSettings ANNEALED =
            FILTER.withSoftmaxTemperature(new TemperatureSchedule(4, 2, 9));

    @ParameterizedTest(name = "{0} to {1} over {2} rounds")
    @CsvSource({"4, 2, 3", ".5, 1, 2", "1, 3, 10", "3, .8, 4"})
    void aFilterThatEndsBeforeItsScheduleHasTheLawOfTheLastTemperature(double start, double end, int rounds) {
        var schedule = new TemperatureSchedule(start, end, rounds);
        for (var language : languages()) {
            lawIs(language, FILTER.withSoftmaxTemperature(schedule), end);
            lawIs(language, FILTER.withSoftmaxTemperature(schedule).withResampling(Resampling.MULTINOMIAL), end);
            lawIs(language, FILTER.withSoftmaxTemperature(schedule).withEssThreshold(.5), end);
        }
    }

    @ParameterizedTest(name = "{0} to {1} over {2} rounds")
    @CsvSource({"4, 2, 3", ".5, 1, 2", "1, 3, 10", "3, .8, 4"})
    void islandsThatEndBeforeTheirScheduleHaveTheLawOfTheLastTemperature(double start, double end, int rounds) {
        var settings = IslandsSettings.standard()
                .withChains(2)
                .withParticles(PARTICLES)
                .withEssThreshold(1)
                .withSoftmaxTemperature(new TemperatureSchedule(start, end, rounds));
        for (var language : languages()) {
            lawIs(language, settings, end);
        }
    }

    /** The first, unconditional pass tells the evidence; the references of later passes are draws from the law. */
    @ParameterizedTest(name = "{0} to {1} over {2} rounds")
    @CsvSource({"4, 2, 3", ".5, 1, 2", "1, 3, 10", "3, .8, 4"})
    void particleGibbsHasTheLawOfTheLastTemperature(double start, double end, int rounds) {
        var language = ToyLanguage.tree();
        var driver = Driver.of(
                language,
                ParticleGibbsSettings.standard()
                        .withParticles(12)
                        .withIterations(10)
                        .withBurnIn(4)
                        .withEssThreshold(1)
                        .withSoftmaxTemperature(new TemperatureSchedule(start, end, rounds)));
        var evidence = new Sample();
        var shares = new HashMap<String, Sample>();
        for (int run = 0; run < 1200; run++) {
            var ended = driver.run(run);
            evidence.add(ended.evidence());
            language.prior()
                    .keySet()
                    .forEach(answer ->
                            shares.computeIfAbsent(answer, name -> new Sample()).add(ended.weight(answer)));
        }

        double exact = language.evidence(text -> Math.pow(language.odds(text), 1 / end));
        evidence.hasMean(exact, .04 * exact, "evidence");
        language.posterior(text -> Math.pow(language.odds(text), 1 / end))
                .forEach((answer, probability) -> shares.get(answer).hasMean(probability, .008, answer));
    }

    /** Out of tokens, the particles count at the last temperature: ψ^{1/end} of where each is, whatever came before. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aTokenBudgetAnswersAtTheLastTemperature(int rounds) {
        var language = ToyLanguage.tree();
        var driver = Driver.of(
                language, FILTER.withEssThreshold(0).withSoftmaxTemperature(new TemperatureSchedule(4, 2, 9)));
        int stoppedRuns = 0;
        for (int seed = 0; seed < 50; seed++) {
            var random = RandomStreams.of(seed, "p");
            var run = driver.start();
            for (int round = 0; round < rounds && !run.plan().isEmpty(); round++) {
                for (var event : run.decide(driver.round(run, random), random)) {
                    run = run.evolve(event);
                }
            }
            if (run.plan().isEmpty()) {
                continue;
            }
            stoppedRuns++;
            for (var event : run.stop(RunStopped.Reason.TOKEN_BUDGET, "tokens", random)) {
                run = run.evolve(event);
            }
            var tree = run.tree();
            var particles = run.outcome().orElseThrow().particles();
            double sum = particles.stream()
                    .mapToDouble(particle -> Math.sqrt(language.odds(tree.text(particle.node()))))
                    .sum();
            for (var particle : particles) {
                assertThat(particle.weight())
                        .isCloseTo(Math.sqrt(language.odds(tree.text(particle.node()))) / sum, within(1e-12));
            }
        }

        assertThat(stoppedRuns).isPositive();
    }

    /** An event of before says nothing of the children's temperature, and is replayed as it was. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anOldRunKeepsTheTemperatureThatItEndedAt(long seed) {
        var driver = Driver.of(ToyLanguage.tree(), FILTER.withSoftmaxTemperature(new TemperatureSchedule(4, 2, 9)));
        var ended = driver.run(seed);
        var old = driver.start();
        for (var event : ended.events()) {
            old = old.evolve(asBefore((RoundClosed) event));
        }
        var last = ended.populations().getLast();

        if (last.childTemperature() == null) {
            assertThat(old.outcome()).isEqualTo(ended.run().outcome());
        } else {
            assertThat(old.outcome().orElseThrow().particles())
                    .allSatisfy(particle -> assertThat(particle.weight()).isCloseTo(1.0 / PARTICLES, within(1e-12)));
            assertThat(replayed(ended.events().stream()
                            .map(event -> (MethodEvent) asBefore((RoundClosed) event))
                            .toList()))
                    .isInstanceOfSatisfying(
                            Replay.Refused.class,
                            refused -> assertThat(refused.detail()).contains("ended at " + last.temperature()));
            assertThat(replayed(ended.events())).isInstanceOf(Replay.Reweighted.class);
        }
    }

    private static Replay replayed(List<MethodEvent> events) {
        return Replay.of(
                ANNEALED,
                Driver.SAMPLING,
                Driver.WIDE,
                ToyLanguage.tree().answers(),
                events,
                Replay.Law.of(ANNEALED),
                RandomStreams.of(1, "p"));
    }

    private static RoundClosed asBefore(RoundClosed closed) {
        return new RoundClosed(
                closed.round(),
                closed.nodes(),
                closed.populations().stream()
                        .map(population -> population.childTemperature() == null
                                ? population
                                : new Population(
                                        population.chain(),
                                        population.iteration(),
                                        population.nodes(),
                                        population.logWeights(),
                                        population.temperature(),
                                        population.ess(),
                                        population.resampled(),
                                        population.ancestors(),
                                        population.ancestors().stream()
                                                .map(parent -> 0.0)
                                                .toList(),
                                        population.logEvidence()))
                        .toList(),
                closed.choices(),
                closed.cost());
    }

    private static List<ToyLanguage> languages() {
        return List.of(ToyLanguage.tree(), ToyLanguage.random(1), ToyLanguage.random(2));
    }

    private static void lawIs(ToyLanguage language, MethodSettings settings, double end) {
        var driver = Driver.of(language, settings);
        var evidence = new Sample();
        var masses = new HashMap<String, Sample>();
        for (int run = 0; run < RUNS; run++) {
            var ended = driver.run(run);
            evidence.add(ended.evidence());
            for (var answer : language.prior().keySet()) {
                masses.computeIfAbsent(answer, name -> new Sample()).add(ended.evidence() * ended.weight(answer));
            }
        }

        double exact = language.evidence(text -> Math.pow(language.odds(text), 1 / end));
        evidence.hasMean(exact, .02 * exact, "evidence");
        language.posterior(text -> Math.pow(language.odds(text), 1 / end))
                .forEach((answer, probability) ->
                        masses.get(answer).hasMean(probability * exact, .02 * exact, "mass of " + answer));
    }
}
