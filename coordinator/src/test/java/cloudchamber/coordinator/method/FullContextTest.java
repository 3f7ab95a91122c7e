package cloudchamber.coordinator.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.method.RoundCollector.Reception;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.coordinator.method.chain.Twist;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.WeightedBestOfNSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A particle that outgrows a context ends where it stands, and its problem goes on. */
class FullContextTest {
    private static final int DEPTH = 2;

    /** Whose context is full after {@link #DEPTH} steps. */
    private enum Full {
        POLICY,
        PRM
    }

    /** The tree in which the language ends where the context does. */
    private static ToyLanguage cutTree() {
        var words = new LinkedHashMap<>(ToyLanguage.tree().words());
        words.remove("A|A2|A21|");
        words.computeIfPresent(
                "A|A2|",
                (path, word) ->
                        new ToyLanguage.Word(word.parent(), word.text(), word.probability(), word.logOdds(), true));
        return new ToyLanguage(words);
    }

    private static MethodRun run(MethodSettings settings, Full full, long seed) {
        var driver = new Driver(
                ToyLanguage.tree(),
                () -> Methods.start(
                        settings, Driver.SAMPLING, Driver.WIDE, cutTree().answers()));
        var random = new RandomStreams(seed * 0x9E3779B97F4A7C15L);
        var run = driver.start();
        while (!run.plan().isEmpty()) {
            var collector = RoundCollector.open("job", "p", run.plan(), run.tree(), Driver.WIDE, text -> false);
            fill(collector, driver, run, full, random);
            for (var event : run.decide(collector.completed().orElseThrow(), random)) {
                run = run.evolve(event);
            }
        }
        return run;
    }

    private static void fill(RoundCollector collector, Driver driver, MethodRun run, Full full, RandomStreams random) {
        for (var key : collector.stepsNeeded()) {
            var expansion = collector.expansion(key);
            Reception reception;
            if (full == Full.POLICY && run.tree().depth(expansion.parent()) >= DEPTH) {
                reception = collector.acceptFullContext(key);
            } else {
                reception = collector.accept(key, driver.step(run, run.plan().round(), expansion, random), Usage.NONE);
            }
            assertThat(reception).isInstanceOf(Reception.Taken.class);
        }
        for (var key : collector.scoresNeeded()) {
            var prefix = collector.prefix(key);
            var text = new StringBuilder();
            prefix.forEach(step -> text.append(step.text()));
            boolean tooLong = full == Full.PRM && text.toString().split("\\|").length > DEPTH;
            assertThat(
                            tooLong
                                    ? collector.acceptFullContext(key)
                                    : collector.accept(
                                            key, List.of(driver.language().logOdds(text.toString())), Usage.NONE))
                    .isInstanceOf(Reception.Taken.class);
        }
    }

    /** The law is that of the language that ends where the context does: of p and the last score there was. */
    @ParameterizedTest
    @EnumSource(Full.class)
    void theLawIsThatOfTheLastPrefixesThatFit(Full full) {
        for (var target : List.of(Target.FINAL, Target.PRODUCT, Target.FINAL_LOG)) {
            var cut = cutTree();
            var law = cut.posterior(
                    switch (target) {
                        case FINAL -> cut::odds;
                        case PRODUCT -> cut::productOfRewards;
                        default -> text -> LogOdds.probability(cut.logOdds(text));
                    });
            var shares = new HashMap<String, Sample>();
            for (int seed = 0; seed < 100; seed++) {
                var outcome = run(ParticleFilterSettings.standard(target).withParticles(500), full, seed)
                        .outcome()
                        .orElseThrow();
                for (var answer : law.keySet()) {
                    shares.computeIfAbsent(answer, name -> new Sample())
                            .add(outcome.posterior().stream()
                                    .filter(entry -> answer.equals(entry.answer()))
                                    .mapToDouble(Outcome.AnswerWeight::weight)
                                    .sum());
                }
            }
            law.forEach(
                    (answer, probability) -> shares.get(answer).hasMean(probability, .006, target + " of " + answer));
        }
    }

    /** Whatever makes one score of many: the particle's is the one it had. */
    @ParameterizedTest
    @EnumSource(Aggregation.class)
    void theParticleKeepsTheScoreItHad(Aggregation aggregation) {
        var potential = Potential.aggregated(aggregation);
        var end = new Step("", List.of(), StepEnd.TRUNCATED, StepLimit.CONTEXT, 0, 0);
        var tree = PrefixTree.EMPTY.plus(List.of(
                new Node(1, 0, 1, step("a"), List.of(.5)),
                new Node(2, 1, 2, step("b"), List.of(-1.25)),
                new Node(3, 2, 3, end, List.of()),
                new Node(4, 0, 1, end, List.of())));

        assertThat(potential.logOdds(tree, 3)).isEqualTo(potential.logOdds(tree, 2));
        assertThat(potential.logOdds(tree, 4)).as("at the prompt: even odds").isZero();
        for (var target : List.of(Target.FINAL, Target.PRODUCT, Target.FINAL_LOG)) {
            var twist = Twist.of(target, potential);
            assertThat(twist.log(tree, 3)).isEqualTo(twist.log(tree, 2));
            assertThat(twist.log(tree, 4)).isEqualTo(twist.log(tree, 0)).isZero();
        }
        assertThat(tree.finished(3)).isTrue();
    }

    private static Step step(String text) {
        return new Step(text, List.of(), StepEnd.STEP, StepLimit.NONE, -1, 1);
    }

    /** A whole generation that the PRM cannot read has no vote; the others share it. */
    @Test
    void unreadGenerationsHaveNoVote() {
        boolean met = false;
        for (int seed = 0; seed < 20; seed++) {
            for (var settings : List.<MethodSettings>of(
                    BestOfNSettings.standard().withParticles(16),
                    WeightedBestOfNSettings.standard().withParticles(16))) {
                var run = run(settings, Full.PRM, seed);
                var outcome = run.outcome().orElseThrow();
                for (var particle : outcome.particles()) {
                    boolean tooLong = run.tree().text(particle.node()).equals("A|A2|A21|");
                    met |= tooLong;
                    assertThat(particle.weight() == 0 && particle.answer() == null)
                            .isEqualTo(tooLong);
                }
                assertThat(outcome.particles().stream()
                                .mapToDouble(Outcome.Particle::weight)
                                .sum())
                        .isCloseTo(1, within(1e-12));
            }
        }
        assertThat(met).as("one was too long").isTrue();
    }

    @Test
    void onlyAPromptThatDoesNotFitIsRefused() {
        var run = Methods.start(
                ParticleFilterSettings.standard().withParticles(2),
                Driver.SAMPLING,
                Driver.WIDE,
                cutTree().answers());
        var policy = RoundCollector.open("job", "p", run.plan(), run.tree(), Driver.WIDE, text -> false);
        assertThat(policy.acceptFullContext(key(0, Purpose.EXTEND))).isInstanceOf(Reception.Refused.class);

        var prm = RoundCollector.open("job", "p", run.plan(), run.tree(), Driver.WIDE, text -> false);
        var receptions = new ArrayList<Class<?>>();
        for (int slot = 0; slot < 2; slot++) {
            prm.accept(key(slot, Purpose.EXTEND), step("a"), Usage.NONE);
            receptions.add(prm.acceptFullContext(key(slot, Purpose.SCORE)).getClass());
        }
        assertThat(receptions).containsExactly(Reception.Taken.class, Reception.Refused.class);
        assertThat(prm.acceptFullContext(key(0, Purpose.SCORE))).isInstanceOf(Reception.Ignored.class);
    }

    private static StepKey key(int slot, Purpose purpose) {
        return new StepKey("job", "p", 0, 0, 0, slot, purpose);
    }
}
