package cloudchamber.coordinator.method;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.grade.Grader;
import cloudchamber.coordinator.method.MethodEvent.RoundClosed;
import cloudchamber.coordinator.method.MethodEvent.RunFailed;
import cloudchamber.coordinator.method.MethodEvent.RunStopped;
import cloudchamber.coordinator.method.chain.ChainDesign;
import cloudchamber.coordinator.method.chain.ChainRun;
import cloudchamber.coordinator.method.chain.Flattening;
import cloudchamber.coordinator.method.chain.Telescoping;
import cloudchamber.coordinator.smc.ConditionalResampler;
import cloudchamber.coordinator.smc.Offspring;
import cloudchamber.coordinator.smc.Resampler;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The examples of the README, compiled and run. */
class ExtensionExampleTest {

    /** Prefers short texts: a nat less for each step. */
    static Potential brief(Potential potential) {
        return (tree, node) -> potential.logOdds(tree, node) - tree.depth(node);
    }

    /** Parents are drawn evenly among the living; children carry what that gave or took. */
    static Resampler even() {
        return (weights, children, random) -> {
            var shares = weights.normalised();
            int[] living = IntStream.range(0, shares.length)
                    .filter(particle -> shares[particle] > 0)
                    .toArray();
            int[] parents = IntStream.range(0, children)
                    .map(child -> living[random.nextInt(living.length)])
                    .toArray();
            double[] logWeights = Arrays.stream(parents)
                    .mapToDouble(parent -> StrictMath.log(living.length * shares[parent]))
                    .toArray();
            return Offspring.of(parents, logWeights);
        };
    }

    /** Asks for one whole text after another until two give the same answer, or there are {@code most}. */
    record FirstAgreement(
            int most,
            Sampling sampling,
            Answers answers,
            PrefixTree tree,
            Cost cost,
            Optional<RunStopped.Reason> stopped)
            implements MethodRun {

        private int round() {
            return tree.size() - 1;
        }

        private boolean over() {
            return stopped.isPresent() || round() == most || agreed().isPresent();
        }

        private Optional<String> agreed() {
            var seen = new ArrayList<String>();
            for (int node = 1; node < tree.size(); node++) {
                var answer = answers.extract(tree.text(node)).orElse(null);
                if (seen.stream().anyMatch(other -> answer != null && answers.equivalent(other, answer))) {
                    return Optional.of(answer);
                }
                if (answer != null) {
                    seen.add(answer);
                }
            }
            return Optional.empty();
        }

        @Override
        public RoundPlan plan() {
            return over()
                    ? RoundPlan.none(round())
                    : new RoundPlan(
                            round(),
                            List.of(new Expansion(0, 0, 0, Purpose.EXTEND, 0, sampling, Extent.GENERATION)),
                            false);
        }

        @Override
        public List<MethodEvent> decide(CompletedRound completed, RandomStreams random) {
            if (over() || completed.round() != round()) {
                return List.of();
            }
            var node = completed.extensions().getFirst().node(tree, tree.size());
            return List.of(new RoundClosed(round(), List.of(node), List.of(), List.of(), completed.cost()));
        }

        @Override
        public List<MethodEvent> stop(RunStopped.Reason reason, String detail, RandomStreams random) {
            return over() ? List.of() : List.of(new RunStopped(reason, detail, List.of()));
        }

        @Override
        public FirstAgreement evolve(MethodEvent event) {
            if (over()) {
                return this;
            }
            return switch (event) {
                case RoundClosed closed ->
                    closed.round() != round()
                            ? this
                            : new FirstAgreement(
                                    most,
                                    sampling,
                                    answers,
                                    tree.plus(closed.nodes()),
                                    cost.plus(closed.cost()),
                                    stopped);
                case RunStopped end ->
                    new FirstAgreement(most, sampling, answers, tree, cost, Optional.of(end.reason()));
                case RunFailed failed -> this;
            };
        }

        @Override
        public Optional<Outcome> outcome() {
            if (!over()) {
                return Optional.empty();
            }
            var nodes = IntStream.range(1, tree.size()).boxed().toList();
            var weights = new double[nodes.size()];
            Arrays.fill(weights, 1.0 / weights.length);
            var election = Election.of(tree, nodes, weights, answers);
            return Optional.of(new Outcome(
                    election.particles(),
                    election.posterior(),
                    agreed().orElse(null),
                    null,
                    "the method samples no stated distribution",
                    0,
                    stopped.orElse(null)));
        }

        @Override
        public Optional<RunFailed> failure() {
            return Optional.empty();
        }
    }

    /** The last word, in small letters; a text is complete at its full stop. */
    record LastWord(String id) implements Grader {
        @Override
        public Optional<String> extract(String text) {
            var words = text.replace(".", "").strip().split("\\s+");
            return Optional.of(words[words.length - 1]).filter(word -> !word.isEmpty());
        }

        @Override
        public boolean complete(String text) {
            return text.endsWith(".");
        }

        @Override
        public boolean equivalent(String first, String second) {
            return canonical(first).equals(canonical(second));
        }

        @Override
        public String canonical(String answer) {
            return answer.toLowerCase(Locale.ROOT);
        }
    }

    // ---- run

    @Test
    void thePotentialChangesTheLaw() {
        var language = ToyLanguage.tree();
        var driver = Driver.of(
                language,
                ParticleFilterSettings.standard().withParticles(500),
                brief(Potential.aggregated(Aggregation.LAST)));
        var shares = new HashMap<String, Sample>();
        for (int run = 0; run < 40; run++) {
            var ended = driver.run(run);
            language.prior()
                    .keySet()
                    .forEach(text ->
                            shares.computeIfAbsent(text, key -> new Sample()).add(ended.weight(text)));
        }
        language.posterior(text -> language.odds(text) * Math.exp(-text.split("\\|").length))
                .forEach((text, probability) -> shares.get(text).hasMean(probability, .01, text));
    }

    @Test
    void theResamplerKeepsTheEvidenceUnbiased() {
        var language = ToyLanguage.twoStates(3);
        var standard = ((ChainRun) Driver.of(
                                language,
                                ParticleFilterSettings.standard()
                                        .withParticles(4)
                                        .withTarget(Target.PRODUCT))
                        .start())
                .design();
        var weighing = new Telescoping(
                standard.twist(),
                TemperatureSchedule.constant(1),
                1,
                even(),
                ConditionalResampler.multinomial(),
                Flattening.NONE,
                false);
        var design = new ChainDesign(
                standard.sampling(),
                standard.answers(),
                standard.potential(),
                standard.target(),
                standard.twist(),
                List.of(weighing),
                List.of(),
                4,
                1,
                1,
                0,
                false,
                true,
                true,
                false,
                false,
                standard.selection());
        var driver = new Driver(language, () -> ChainRun.start(design));
        var evidence = new Sample();
        for (int run = 0; run < 10_000; run++) {
            evidence.add(driver.run(run).evidence());
        }

        evidence.hasMean(.260042, .003, "evidence");
    }

    @Test
    void theMethodRunsLikeAnyOther() {
        var language = ToyLanguage.tree();
        var driver = new Driver(
                language,
                () -> new FirstAgreement(
                        6, Driver.SAMPLING, language.answers(), PrefixTree.EMPTY, Cost.NONE, Optional.empty()));
        for (int seed = 0; seed < 200; seed++) {
            var ended = driver.run(seed);
            var answer = ended.outcome().answer();
            var replayed = driver.start();
            for (var event : ended.events()) {
                replayed = replayed.evolve(event).evolve(event);
            }

            assertThat(replayed.outcome()).isEqualTo(ended.run().outcome());
            assertThat(ended.outcome().particles().stream()
                            .filter(particle -> particle.answer().equals(answer))
                            .count())
                    .as("there are 4 answers, so among 5 texts two agree")
                    .isEqualTo(2);
            assertThat(ended.run().cost().policyCalls())
                    .isEqualTo(ended.events().size())
                    .isBetween(2L, 5L);
        }
    }

    @Test
    void theGraderFindsAnswers() {
        var grader = new LastWord("last-word");

        assertThat(grader.extract("It is Paris.")).contains("Paris");
        assertThat(grader.extract(" . ")).isEmpty();
        assertThat(grader.complete("It is Paris")).isFalse();
        assertThat(grader.equivalent("Paris", "paris")).isTrue();
        assertThat(grader.correct("PARIS", "Paris")).isTrue();
    }

    /** Every Java block of the README stands in this file, letter by letter but for the indent. */
    @Test
    void theReadmeShowsThisCode() throws IOException {
        var code = flat(
                Files.readString(Path.of("src/test/java/cloudchamber/coordinator/method/ExtensionExampleTest.java")));
        var blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("README.md")))
                .results()
                .map(block -> block.group(1))
                .toList();

        assertThat(blocks).hasSize(4).allSatisfy(block -> assertThat(code).contains(flat(block)));
    }

    private static String flat(String code) {
        return code.replaceAll("\\s+", " ").strip();
    }
}
