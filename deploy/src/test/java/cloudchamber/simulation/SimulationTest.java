package cloudchamber.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.SweepPlan;
import cloudchamber.coordinator.sweep.SweepSpecification;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.simulation.World.Bug;
import cloudchamber.simulation.World.Fault;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever goes wrong, the cluster ends every problem once, with the result it has when nothing goes wrong; and once
 * nothing goes wrong any more every sweep, job and problem has ended within {@value Simulation#LIMIT_AFTER_TROUBLE_MILLIS}
 * ms of simulated time.
 *
 * <p>{@code -Dsimulation.seed=S} runs one seed again, the same in every event.
 */
class SimulationTest {
    private static final int JOBS = 2;
    /** Of each job. */
    private static final int PROBLEMS = 2;

    private static final int PARTICLES = 5;
    private static final int CONTENTS = 8;
    private static final boolean LONG = Boolean.getBoolean("long.tests");
    private static final Map<Long, List<List<Object>>> UNDISTURBED = new HashMap<>();

    @Test
    void everyProblemEndsOnceWithTheUndisturbedResultWhateverGoesWrong(TestReporter reporter) {
        var faults = new EnumMap<Fault, Integer>(Fault.class);
        var tokens = new long[3];
        var ends = new ArrayList<Long>();
        seeds().forEach(seed -> {
            var simulation = simulation(seed, true, Bug.NONE);
            try {
                ends.add(simulation.run());
                assertThat(results(simulation)).as("I7: the results").isEqualTo(undisturbed(seed));
            } catch (RuntimeException | AssertionError broken) {
                fail(
                        "seed " + seed + " (run it again with -Dsimulation.seed=" + seed + "): " + broken.getMessage(),
                        broken);
            }
            tokens[0] += simulation.journal.spentTokens();
            tokens[1] += simulation.journal.accountedTokens();
            tokens[2] += simulation.journal.wastedTokens();
            simulation.world.faults().forEach((fault, count) -> faults.merge(fault, count, Integer::sum));
        });

        reporter.publishEntry(
                "tokens",
                tokens[0] + " spent = " + (tokens[1] - tokens[2]) + " committed + " + tokens[2] + " wasted + "
                        + (tokens[0] - tokens[1]) + " that nobody was left to be told of");
        reporter.publishEntry(
                "everything has ended",
                Collections.max(ends) - Simulation.TROUBLE_MILLIS + " ms after the last fault at the latest, of "
                        + ends.size() + " seeds");
        faults.forEach((fault, count) -> reporter.publishEntry(fault.name(), count.toString()));
        if (System.getProperty("simulation.seed") == null) {
            assertThat(faults).as("every kind of fault has happened").containsOnlyKeys(Fault.values());
        }
    }

    private static LongStream seeds() {
        var one = System.getProperty("simulation.seed");
        return one == null ? LongStream.range(0, LONG ? 1000 : 100) : LongStream.of(Long.parseLong(one));
    }

    /** Where nothing goes wrong, what is spent is what is accounted for, and nothing is wasted. */
    @Test
    void undisturbedEveryTokenIsCommitted() {
        for (long seed = 0; seed < CONTENTS; seed++) {
            var simulation = simulation(seed, false, Bug.NONE);
            simulation.run();

            assertThat(simulation.journal.accountedTokens()).isEqualTo(simulation.journal.spentTokens());
            assertThat(simulation.journal.wastedTokens()).isZero();
        }
    }

    /** A worker holds what its dispatcher thinks it holds: no request comes back for its prefix. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 16, 64, 256})
    void undisturbedNoRequestIsRefusedForItsPrefix(int particles) {
        for (long seed = 0; seed < 2; seed++) {
            var simulation = simulation(seed, particles, false, Bug.NONE).within(600_000);
            simulation.run();

            assertThat(simulation.retries()).as("retries, seed %d", seed).isEmpty();
        }
    }

    @Test
    void aSeedRunsTheSameAgain() {
        for (long seed : new long[] {1, 17}) {
            var one = simulation(seed, true, Bug.NONE);
            var other = simulation(seed, true, Bug.NONE);

            assertThat(one.run()).isEqualTo(other.run());
            assertThat(one.world.faults()).isEqualTo(other.world.faults());
        }
    }

    /** The invariants are worth something: each of these mistakes breaks one. */
    @ParameterizedTest
    @EnumSource(value = Bug.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void everyPlantedBugIsFound(Bug bug, TestReporter reporter) {
        for (long seed = 0; seed < 1000; seed++) {
            var simulation = simulation(seed, true, bug);
            try {
                simulation.run();
                assertThat(results(simulation)).as("I7: the results").isEqualTo(undisturbed(seed));
            } catch (AssertionError found) {
                reporter.publishEntry(
                        bug.name(),
                        "seed " + seed + ": "
                                + found.getMessage().lines().findFirst().orElse(""));
                long again = seed;
                assertThatThrownBy(() -> {
                            var repeated = simulation(again, true, bug);
                            repeated.run();
                            assertThat(results(repeated)).as("I7: the results").isEqualTo(undisturbed(again));
                        })
                        .hasMessage(found.getMessage());
                return;
            }
        }
        fail(bug + " was not found");
    }

    // ---- helpers

    private static List<List<Object>> undisturbed(long seed) {
        return UNDISTURBED.computeIfAbsent(seed % CONTENTS, content -> {
            var simulation = simulation(content, false, Bug.NONE);
            simulation.run();
            return results(simulation);
        });
    }

    private static List<List<Object>> results(Simulation simulation) {
        return simulation.journal.problems().stream()
                .map(simulation.journal::result)
                .toList();
    }

    private static Simulation simulation(long seed, boolean troubled, Bug bug) {
        return simulation(seed, PARTICLES, troubled, bug);
    }

    private static Simulation simulation(long seed, int particles, boolean troubled, Bug bug) {
        long content = seed % CONTENTS;
        var method = ParticleFilterSettings.standard().withParticles(particles);
        var limits = new Limits(4, 8, 80);
        var problems = IntStream.range(0, PROBLEMS)
                .mapToObj(number -> new DataSet.Item("p" + number, "?", "1", Map.of()))
                .toList();
        var set = new DataSet("set", "00", "text", null, problems);
        var jobs = LongStream.range(0, JOBS)
                .mapToObj(number -> new SweepPlan.CellJob(
                        "job-" + number,
                        set.name(),
                        method,
                        Simulation.MODEL,
                        Simulation.MODEL,
                        Sampling.atTemperature(1),
                        limits,
                        List.of("\n"),
                        content + CONTENTS * number))
                .toList();
        var sweep = new SweepSpecification(
                "sweep", "sweep", "{}", List.of(set), new SweepPlan(List.of(), jobs), List.of(), List.of());
        var late = new JobSpecification(
                        "late",
                        IntStream.range(0, PROBLEMS)
                                .mapToObj(
                                        number -> new JobSpecification.Question("late-" + number, Prompt.question("?")))
                                .toList(),
                        method,
                        Simulation.LATE_MODEL,
                        Simulation.MODEL,
                        Sampling.atTemperature(1),
                        limits,
                        List.of("\n"),
                        content,
                        "text")
                .ownedBy("another");
        return new Simulation(seed, sweep, late, language(new CounterRandom(content)), troubled, bug);
    }

    private static FiniteLanguage language(CounterRandom random) {
        return new FiniteLanguage.Hmm(
                law(random),
                List.of(law(random), law(random), law(random)),
                List.of(.2 + .6 * random.nextDouble(), .2 + .6 * random.nextDouble(), .2 + .6 * random.nextDouble()),
                4);
    }

    private static List<Double> law(CounterRandom random) {
        double one = .1 + .3 * random.nextDouble();
        double other = .1 + .3 * random.nextDouble();
        return List.of(one, other, 1 - one - other);
    }
}
