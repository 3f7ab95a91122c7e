package cloudchamber.coordinator.method.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import cloudchamber.coordinator.method.Choice;
import cloudchamber.coordinator.method.ClosedForm;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.Driver;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.method.Node;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.method.Sample;
import cloudchamber.coordinator.method.ToyLanguage;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleGibbsSettings;
import cloudchamber.protocol.model.method.Resampling;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One pass of particle Gibbs as a Markov kernel: from a reference trajectory to the next. */
class ParticleGibbsTest {
    private static final int SWEEPS = Boolean.getBoolean("long.tests") ? 200_000 : 20_000;

    /** The smallest share of a wrong kernel in χ² is .00124 a pass; so many give it 60, against a limit of 24. */
    private static final int WRONG_SWEEPS = 50_000;

    private static final double POINT_999_OF_7_DEGREES = 24.32;
    private static final ParticleGibbsSettings PRODUCT = ParticleGibbsSettings.standard()
            .withIterations(3)
            .withTarget(Target.PRODUCT)
            .withResampling(Resampling.MULTINOMIAL)
            .withEssThreshold(1);

    /** Every row of the kernel of two steps and two particles, within 4 standard errors of the exact one. */
    @ParameterizedTest
    @CsvSource({"00", "01", "10", "11"})
    void theKernelIsTheExactOne(String from) {
        kernelRowIs("/particle_gibbs_kernels/csmc_T2N2/" + from, 2, 2, from);
    }

    /** Three steps, from the unlikeliest path but one: with more particles one pass gets nearer to the law. */
    @Test
    void mixingImprovesWithTheNumberOfParticles() {
        var law = ClosedForm.law("/hmm/path_posterior/3");
        double before = 1;
        for (int particles : List.of(2, 3, 4)) {
            var row = kernelRowIs("/particle_gibbs_kernels/csmc_T3N" + particles + "/110", 3, particles, "110");
            double distance = 0;
            for (var path : law.keySet()) {
                distance += Math.abs(row.getOrDefault(path, 0) / (double) SWEEPS - law.get(path)) / 2;
            }
            assertThat(distance).isLessThan(before - .1);
            before = distance;
        }
    }

    private static Map<String, Integer> kernelRowIs(String pointer, int steps, int particles, String from) {
        var pass = new Passes(ToyLanguage.twoStates(steps), PRODUCT.withParticles(particles));
        var counts = new HashMap<String, Integer>();
        for (int run = 0; run < SWEEPS; run++) {
            counts.merge(digits(pass.from(List.of(path(from)), run).getFirst()), 1, Integer::sum);
        }
        var row = ClosedForm.law(pointer);
        assertThat(row.keySet()).containsAll(counts.keySet());
        row.forEach((to, probability) -> assertThat(counts.getOrDefault(to, 0) / (double) SWEEPS)
                .as("from %s to %s", from, to)
                .isCloseTo(probability, within(4 * Math.sqrt(probability * (1 - probability) / SWEEPS) + 1e-12)));
        return counts;
    }

    // ---- invariance

    static Stream<Arguments> kernels() {
        var states = ToyLanguage.twoStates(3);
        var tree = ToyLanguage.tree();
        var product = states.posterior(states::productOfRewards);
        return Stream.of(
                arguments("multinomial, 2 particles", states, PRODUCT.withParticles(2), product),
                arguments("multinomial, 4 particles", states, PRODUCT.withParticles(4), product),
                arguments("by need", states, PRODUCT.withParticles(4).withEssThreshold(.7), product),
                arguments("never resampled", states, PRODUCT.withParticles(3).withEssThreshold(0), product),
                arguments(
                        "systematic", states, PRODUCT.withParticles(3).withResampling(Resampling.SYSTEMATIC), product),
                arguments(
                        "systematic by need",
                        states,
                        PRODUCT.withParticles(5)
                                .withResampling(Resampling.SYSTEMATIC)
                                .withEssThreshold(.8),
                        product),
                arguments(
                        "texts of unequal length, last odds",
                        tree,
                        PRODUCT.withParticles(3).withTarget(Target.FINAL),
                        tree.posterior(tree::odds)),
                arguments(
                        "texts of unequal length, product, systematic",
                        tree,
                        PRODUCT.withParticles(3).withResampling(Resampling.SYSTEMATIC),
                        tree.posterior(tree::productOfRewards)),
                arguments(
                        "annealed",
                        tree,
                        PRODUCT.withParticles(3)
                                .withTarget(Target.FINAL)
                                .withSoftmaxTemperature(new TemperatureSchedule(4, 2, 3)),
                        tree.posterior(text -> Math.sqrt(tree.odds(text)))));
    }

    /** A reference drawn from the law is still a draw from the law after one pass. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("kernels")
    void aSweepLeavesTheLawAsItIs(
            String name, ToyLanguage language, ParticleGibbsSettings settings, Map<String, Double> law) {
        var pass = new Passes(language, settings);

        assertThat(chiSquareAfterASweep(
                        law,
                        (reference, run) -> pass.from(List.of(reference), run).getFirst(),
                        SWEEPS))
                .isLessThan(POINT_999_OF_7_DEGREES);
    }

    /**
     * The paper's code weighs the reference one step ahead; its_hub weighs it by its end in every step and
     * resamples once more at the end. Both kernels, written down here as published and held against their
     * exact rows, must fail the law that ours keeps.
     */
    @ParameterizedTest(name = "{0}, {1} steps")
    @CsvSource({"paper, 2", "paper, 3", "itshub, 2", "itshub, 3"})
    void thePublishedKernelsDoNotLeaveTheLawAsItIs(String kernel, int steps) {
        var wrong = new PublishedKernel(kernel.equals("paper"), steps);
        ClosedForm.law("/hmm/path_posterior/" + steps).keySet().forEach(from -> {
            var row = ClosedForm.law("/particle_gibbs_kernels/" + kernel + "_T" + steps + "N2/" + from);
            var counts = new HashMap<String, Integer>();
            for (int run = 0; run < 20_000; run++) {
                counts.merge(wrong.pass(from, new CounterRandom(run)), 1, Integer::sum);
            }
            row.forEach((to, probability) -> assertThat(counts.getOrDefault(to, 0) / 20_000.0)
                    .as("%s from %s to %s", kernel, from, to)
                    .isCloseTo(probability, within(4.5 * Math.sqrt(probability * (1 - probability) / 20_000) + 1e-4)));
        });

        assertThat(chiSquareAfterASweep(
                        ToyLanguage.twoStates(steps).posterior(ToyLanguage.twoStates(steps)::productOfRewards),
                        (reference, run) -> path(wrong.pass(digits(reference), new CounterRandom(run))),
                        WRONG_SWEEPS))
                .isGreaterThan(2 * POINT_999_OF_7_DEGREES);
    }

    private interface Kernel {
        String pass(String reference, int run);
    }

    /** χ² of many references, drawn from {@code law} and moved once, against {@code law}. */
    private static double chiSquareAfterASweep(Map<String, Double> law, Kernel kernel, int passes) {
        var counts = new HashMap<String, Integer>();
        for (int run = 0; run < passes; run++) {
            counts.merge(kernel.pass(drawn(law, new CounterRandom(~run)), run), 1, Integer::sum);
        }
        return Sample.chiSquare(counts, law);
    }

    static String drawn(Map<String, Double> law, RandomGenerator random) {
        double left = random.nextDouble();
        String drawn = null;
        for (var entry : law.entrySet()) {
            if (left >= 0) {
                drawn = entry.getKey();
                left -= entry.getValue();
            }
        }
        return drawn;
    }

    /** Without burn-in the first pass counts, and one pass alone is a particle filter. */
    @Test
    void theFirstSweepIsAParticleFilterAndOwnsTheEvidence() {
        var language = ToyLanguage.twoStates(3);
        var one = Driver.of(language, PRODUCT.withParticles(4).withIterations(1).withBurnIn(0));
        var three = Driver.of(language, PRODUCT.withParticles(4).withBurnIn(0));
        var evidence = new Sample();
        for (int run = 0; run < 5000; run++) {
            var ended = three.run(run);
            evidence.add(ended.evidence());
            if (run < 20) {
                assertThat(ended.outcome().logEvidence())
                        .isEqualTo(one.run(run).outcome().logEvidence());
                assertThat(ended.outcome().particles()).hasSize(12);
            }
        }

        evidence.hasMean(.260042, .0025, "evidence");
    }

    /** A reference is read from the tree: N - 1 steps are asked for in each round of a conditional pass. */
    @Test
    void theReferenceCostsNothing() {
        var ended =
                Driver.of(ToyLanguage.twoStates(3), PRODUCT.withParticles(4)).run(1);

        assertThat(ended.run().cost().policyCalls()).isEqualTo(3 * 4 + 2 * 3 * 3);
        for (var population : ended.populations()) {
            if (population.iteration() > 0) {
                assertThat(population.ancestors().getLast()).isEqualTo(3);
                assertThat(population.logEvidence()).isNull();
            }
        }
    }

    private static String path(String digits) {
        return String.join("|", digits.split("")) + "|";
    }

    private static String digits(String path) {
        return path.replace("|", "");
    }

    /** Conditional passes from given references, one for each chain of the settings. */
    static final class Passes {
        private final ToyLanguage language;
        private final Driver driver;
        private final ChainDesign design;
        private final int iteration;
        private boolean swapped;

        Passes(ToyLanguage language, MethodSettings settings) {
            this(language, settings, 1);
        }

        /** @param iteration of the passes; even ones swap chains 0 and 1 */
        Passes(ToyLanguage language, MethodSettings settings, int iteration) {
            this.language = language;
            this.iteration = iteration;
            this.driver = Driver.of(language, settings);
            this.design = ((ChainRun) driver.start()).design();
        }

        /** Whether the last pass ended in a swap of chains 0 and 1. */
        boolean swapped() {
            return swapped;
        }

        /** The texts of the references after one pass of each chain and the swaps. */
        List<String> from(List<String> references, int run) {
            var nodes = new ArrayList<Node>();
            var passes = new ArrayList<Pass>();
            for (int chain = 0; chain < references.size(); chain++) {
                int parent = 0;
                var path = "";
                for (var word : references.get(chain).split("(?<=\\|)")) {
                    path += word;
                    var known = language.words().get(path);
                    nodes.add(new Node(
                            nodes.size() + 1,
                            parent,
                            path.split("\\|").length,
                            new Step(word, List.of(), known.last() ? StepEnd.END : StepEnd.STEP, StepLimit.NONE, 0, 0),
                            List.of(known.logOdds())));
                    parent = nodes.size();
                }
                passes.add(Pass.start(chain, iteration, design.particles(), parent));
            }
            MethodRun at = new ChainRun(
                    design,
                    0,
                    iteration,
                    false,
                    PrefixTree.EMPTY.plus(nodes),
                    passes,
                    List.of(),
                    null,
                    Cost.NONE,
                    OptionalInt.empty(),
                    Optional.empty(),
                    Optional.empty());
            var random = new RandomStreams(run * 0x9E3779B97F4A7C15L);
            while (((ChainRun) at).iteration() == iteration) {
                for (var event : at.decide(driver.round(at, random), random)) {
                    at = at.evolve(event);
                    swapped = ((MethodEvent.RoundClosed) event)
                            .choices()
                            .contains(new Choice(Purpose.SWAP, 0, iteration, List.of(1)));
                }
            }
            var after = (ChainRun) at;
            return after.passes().stream()
                    .map(pass -> after.tree().text(pass.reference()))
                    .toList();
        }
    }

    /** A pass of two particles on the two-state model as the published programs do it. */
    private record PublishedKernel(boolean paper, int steps) {
        private static final double[] POTENTIALS = {.9, .2};

        String pass(String reference, RandomGenerator random) {
            var free = "" + next("", random);
            int step = 1;
            while (step < steps) {
                free = random.nextDouble() < shareOfReference(free, reference, step)
                        ? reference.substring(0, step)
                        : free;
                free += next(free, random);
                step++;
            }
            boolean chosen = random.nextDouble() < shareOfReference(free, reference, steps);
            if (!paper) {
                free = chosen ? reference : free;
                chosen = random.nextDouble() < shareOfReference(free, reference, steps);
            }
            return chosen ? reference : free;
        }

        /** Of a draw between the free particle after {@code step} steps and the reference. */
        private double shareOfReference(String free, String reference, int step) {
            int seen = paper ? Math.min(step + 1, steps) : steps;
            double weight = POTENTIALS[reference.charAt(seen - 1) - '0'];
            return weight / (weight + POTENTIALS[free.charAt(step - 1) - '0']);
        }

        private static int next(String path, RandomGenerator random) {
            double first = path.isEmpty() ? .6 : path.endsWith("0") ? .7 : .2;
            return random.nextDouble() < first ? 0 : 1;
        }
    }

    /** The whole method: the share of each answer over many short runs, within 4 standard errors of the law. */
    @Test
    void manySweepsAnswerWithTheLaw() {
        var language = ToyLanguage.tree();
        var driver = Driver.of(
                language,
                ParticleGibbsSettings.standard()
                        .withParticles(16)
                        .withIterations(12)
                        .withBurnIn(4));
        var shares = new LinkedHashMap<String, Sample>();
        for (int run = 0; run < 300; run++) {
            var ended = driver.run(run);
            for (var answer : language.prior().keySet()) {
                shares.computeIfAbsent(answer, name -> new Sample()).add(ended.weight(answer));
            }
        }
        language.posterior(language::odds)
                .forEach((answer, probability) -> shares.get(answer).hasMean(probability, .006, answer));
    }
}
