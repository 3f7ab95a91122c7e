package cloudchamber.coordinator.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.method.MethodEvent.RunFailed;
import cloudchamber.coordinator.method.chain.Twist;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.PotentialSource;
import cloudchamber.protocol.model.method.Target;
import java.util.HashMap;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Scores: as numbers, made one, combined, and as the law of a filter. */
class PotentialTest {
    private static final ToyLanguage TREE = ToyLanguage.tree();

    // ---- numbers

    @Test
    void logOddsHaveTheirGoldenValues() {
        assertThat(LogOdds.of(.9)).isCloseTo(2.197225, within(1e-6));
        assertThat(LogOdds.of(.5)).isZero();
        assertThat(LogOdds.of(0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(LogOdds.of(1)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(LogOdds.HUB_CLIP).isCloseTo(16.118096, within(1e-6));
        assertThat(LogOdds.CLIP).isCloseTo(36.043653, within(1e-6));
        for (double logOdds : new double[] {-700, -40, -1, 0, 1, 30}) {
            assertThat(LogOdds.ofLogProbability(LogOdds.logProbability(logOdds)))
                    .isCloseTo(logOdds, within(1e-3));
        }
        assertThat(LogOdds.logProbability(Double.NEGATIVE_INFINITY)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(LogOdds.logProbability(Double.POSITIVE_INFINITY)).isZero();
        assertThat(LogOdds.probability(-1000)).isZero();
    }

    /** Each target clips at its own constant, and only there; log-odds from logits pass as they are. */
    @Test
    void eachTargetHasItsOwnClip() {
        for (var target : List.of(Target.FINAL, Target.FINAL_LOG)) {
            assertThat(Twist.clips(target, 500)).isFalse();
            assertThat(Twist.clips(target, Double.POSITIVE_INFINITY)).isTrue();
            assertThat(Twist.clips(target, Double.NEGATIVE_INFINITY)).isTrue();
        }
        assertThat(Twist.clips(Target.PRODUCT, Double.NEGATIVE_INFINITY)).isFalse();
        assertThat(Twist.clips(Target.PAPER, 36)).isFalse();
        assertThat(Twist.clips(Target.PAPER, 36.1)).isTrue();
        assertThat(Twist.clips(Target.ITS_HUB, -16)).isFalse();
        assertThat(Twist.clips(Target.ITS_HUB, -16.2)).isTrue();
    }

    /** How often a clip acted is reported: every score of certainty here, for each target but the product. */
    @Test
    void clipsAreCounted() {
        var certain =
                ToyLanguage.hmm(new double[] {.5, .5}, new double[][] {{.5, .5}, {.5, .5}}, new double[] {1, .3}, 2);
        for (var target : Target.values()) {
            var ended =
                    Driver.of(certain, ParticleFilterSettings.standard(target)).run(1);
            long ones = 0;
            for (int node = 1; node < ended.run().tree().size(); node++) {
                ones += Double.isInfinite(
                                ended.run().tree().node(node).logOdds().getFirst())
                        ? 1
                        : 0;
            }
            assertThat(ones).isPositive();
            assertThat(ended.outcome().clippedScores())
                    .as(target.id())
                    .isEqualTo(target == Target.PRODUCT ? 0 : (int) ones);
        }
    }

    /** A score that is no number ends the run with its category, whatever the target; nobody weighs it as something. */
    @Test
    void aPotentialThatIsNoNumberFailsTheRun() {
        for (var target : Target.values()) {
            var ended = Driver.of(
                            TREE,
                            ParticleFilterSettings.standard(target),
                            (tree, node) -> tree.depth(node) == 2 ? Double.NaN : 1)
                    .run(1);

            assertThat(ended.run().failure().orElseThrow().category())
                    .as(target.id())
                    .isEqualTo(RunFailed.Category.WEIGHT_INVALID);
            assertThat(ended.run().outcome()).isEmpty();
            assertThat(ended.run().plan().isEmpty()).isTrue();
        }
    }

    // ---- aggregation

    @Test
    void stepScoresBecomeOne() {
        double[] steps = {LogOdds.of(.9), LogOdds.of(.4), LogOdds.of(.8)};

        assertThat(Aggregator.of(Aggregation.MODEL).aggregate(steps)).isEqualTo(steps[2]);
        assertThat(Aggregator.of(Aggregation.LAST).aggregate(steps)).isEqualTo(steps[2]);
        assertThat(Aggregator.of(Aggregation.MIN).aggregate(steps)).isEqualTo(steps[1]);
        assertThat(Aggregator.of(Aggregation.PRODUCT).aggregate(steps)).isCloseTo(LogOdds.of(.288), within(1e-12));
        assertThat(Aggregator.of(Aggregation.MEAN).aggregate(steps)).isCloseTo(LogOdds.of(.7), within(1e-12));
    }

    @Test
    void aggregatesOfCertaintyAreCertainNotNaN() {
        double[] steps = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};

        assertThat(Aggregator.of(Aggregation.MIN).aggregate(steps)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Aggregator.of(Aggregation.PRODUCT).aggregate(steps)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Aggregator.of(Aggregation.MEAN).aggregate(steps)).isZero();
        assertThat(Aggregator.of(Aggregation.PRODUCT).aggregate(new double[] {Double.POSITIVE_INFINITY}))
                .isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void theProductTakesNoAggregation() {
        for (var aggregation : List.of(Aggregation.MODEL, Aggregation.MIN, Aggregation.MEAN, Aggregation.PRODUCT)) {
            assertThatThrownBy(() ->
                            ParticleFilterSettings.standard(Target.PRODUCT).withAggregation(aggregation))
                    .hasMessageContaining("must be last for the target product");
        }
    }

    // ---- combined

    static Stream<Arguments> combinations() {
        Potential last = Potential.aggregated(Aggregation.LAST);
        Potential flat = (tree, node) -> .5;
        ToDoubleFunction<String> logOdds = TREE::logOdds;
        ToDoubleFunction<String> smallest =
                text -> prefixes(text).mapToDouble(TREE::logOdds).min().orElseThrow();
        ToDoubleFunction<String> product = text -> LogOdds.of(TREE.productOfRewards(text));
        ToDoubleFunction<String> mean = text -> LogOdds.of(prefixes(text)
                .mapToDouble(prefix -> LogOdds.probability(TREE.logOdds(prefix)))
                .average()
                .orElseThrow());
        return Stream.of(
                Arguments.of("min", Potential.aggregated(Aggregation.MIN), smallest),
                Arguments.of("product", Potential.aggregated(Aggregation.PRODUCT), product),
                Arguments.of("mean", Potential.aggregated(Aggregation.MEAN), mean),
                Arguments.of("ensemble", Potential.ensemble(List.of(last, flat)), (ToDoubleFunction<String>)
                        text -> (logOdds.applyAsDouble(text) + .5) / 2),
                Arguments.of("pessimistic", Potential.pessimistic(List.of(last, flat), .7), (ToDoubleFunction<String>)
                        text -> (logOdds.applyAsDouble(text) + .5) / 2
                                - .7 * Math.abs(logOdds.applyAsDouble(text) - .5) / 2),
                Arguments.of("calibrated", Potential.calibrated(last, .5, 1), (ToDoubleFunction<String>)
                        text -> .5 * logOdds.applyAsDouble(text) + 1));
    }

    private static Stream<String> prefixes(String text) {
        return Stream.iterate(
                text, path -> !path.isEmpty(), path -> TREE.words().get(path).parent());
    }

    /**
     * Never resampled, a particle weighs exactly e^ℓ of where it ended, and the mean of that is the evidence;
     * resampled, its law is p(x) e^ℓ(x).
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("combinations")
    void aPotentialIsTheLaw(String name, Potential potential, ToDoubleFunction<String> logOdds) {
        var filter = ParticleFilterSettings.standard();
        var plain = Driver.of(TREE, filter.withEssThreshold(0), potential).run(3);
        var last = plain.populations().getLast();
        for (int slot = 0; slot < 16; slot++) {
            var text = plain.run().tree().text(last.nodes().get(slot));
            assertThat(last.logWeights().get(slot)).isCloseTo(logOdds.applyAsDouble(text), within(1e-9));
        }

        var driver = Driver.of(TREE, filter.withParticles(500), potential);
        var shares = new HashMap<String, Sample>();
        for (int run = 0; run < 40; run++) {
            var ended = driver.run(run);
            TREE.prior()
                    .keySet()
                    .forEach(text ->
                            shares.computeIfAbsent(text, key -> new Sample()).add(ended.weight(text)));
        }
        TREE.posterior(text -> Math.exp(logOdds.applyAsDouble(text)))
                .forEach((text, probability) -> shares.get(text).hasMean(probability, .01, text));
    }

    /** A member that is certain counts as much as the target's clip; it does not make a spread of no number. */
    @Test
    void certainMembersOfAnEnsembleStayNumbers() {
        Potential certain = (tree, node) -> Double.POSITIVE_INFINITY;
        Potential hopeless = (tree, node) -> Double.NEGATIVE_INFINITY;
        Potential even = (tree, node) -> 0;

        assertThat(Potential.ensemble(List.of(certain, even)).logOdds(PrefixTree.EMPTY, 1))
                .isEqualTo(LogOdds.CLIP / 2);
        assertThat(Potential.pessimistic(List.of(certain, hopeless), .5).logOdds(PrefixTree.EMPTY, 1))
                .isEqualTo(-.5 * LogOdds.CLIP);
        assertThatThrownBy(() -> Potential.ensemble(List.of())).hasMessage("an ensemble must have a member: had none");
    }

    /** The geometric mean of what the policy gave the newest step's tokens; no PRM is asked. */
    @Test
    void selfCertaintyNeedsNoRewardModel() {
        var ended = Driver.of(TREE, ParticleFilterSettings.standard().withPotential(PotentialSource.SELF_CERTAINTY))
                .run(1);
        var tree = PrefixTree.EMPTY.plus(List.of(
                new Node(1, 0, 1, new Step("x", List.of(), StepEnd.STEP, StepLimit.NONE, Math.log(.25), 2), List.of()),
                new Node(2, 1, 2, new Step("y", List.of(), StepEnd.END, StepLimit.NONE, 0, 0), List.of())));

        assertThat(ended.run().cost().prmCalls()).isZero();
        assertThat(Potential.selfCertainty().logOdds(tree, 1))
                .as("√.25 is even odds")
                .isCloseTo(0, within(1e-12));
        assertThat(Potential.selfCertainty().logOdds(tree, 2)).as("not told").isZero();
    }
}
