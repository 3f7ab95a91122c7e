package cloudchamber.coordinator.method;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.method.RoundCollector.Reception;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RoundCollectorTest {
    private static final Limits LIMITS = new Limits(3, 10, 20);
    private static final Usage USAGE = new Usage(5, 2, 3);

    @Test
    void aRoundIsWholeWhenEveryStepAndScoreCame() {
        var collector = open(2, text -> false);
        var keys = collector.stepsNeeded();

        assertThat(keys).extracting(StepKey::slot).containsExactly(0, 1);
        assertThat(collector.scoresNeeded()).isEmpty();
        for (var key : keys.reversed()) {
            assertThat(collector.accept(key, step("x", 2), USAGE)).isInstanceOf(Reception.Taken.class);
            assertThat(collector.accept(key, step("y", 2), USAGE)).isEqualTo(new Reception.Ignored());
        }
        assertThat(collector.stepsNeeded()).isEmpty();
        assertThat(collector.completed()).isEmpty();
        assertThat(collector.scoresNeeded().stream().map(collector::node)).containsExactly(1, 2);
        for (var key : collector.scoresNeeded()) {
            assertThat(collector.prefix(key)).extracting(Step::text).containsExactly("x");
            collector.accept(key, List.of(1.5), USAGE);
            assertThat(collector.accept(key, List.of(2.5), USAGE)).isEqualTo(new Reception.Ignored());
        }
        var completed = collector.completed().orElseThrow();
        assertThat(completed.extensions()).extracting(Extension::logOdds).containsOnly(List.of(1.5));
        assertThat(completed.cost()).isEqualTo(new Cost(2, 2, 10, 4, 6, 16, 0));
    }

    @Test
    void aScoreThatCannotBeIsRefusedAndStillAwaited() {
        var collector = open(1, text -> false);
        collector.accept(collector.stepsNeeded().getFirst(), step("x", 2), USAGE);
        var key = collector.scoresNeeded().getFirst();

        for (var wrong : List.of(List.of(Double.NaN), List.<Double>of(), List.of(1.0, 2.0))) {
            assertThat(collector.accept(key, wrong, USAGE))
                    .isInstanceOfSatisfying(
                            Reception.Refused.class,
                            refused -> assertThat(refused.refusal().category())
                                    .isEqualTo(Refusal.Category.BACKEND_INVALID));
        }
        assertThat(collector.scoresNeeded()).containsExactly(key);
        assertThat(collector.accept(key, List.of(Double.NEGATIVE_INFINITY), USAGE))
                .isInstanceOf(Reception.Taken.class);
    }

    @Test
    void stepsAreClassified() {
        assertThat(classified(0, step("x", 2)).limit()).as("goes on").isEqualTo(StepLimit.NONE);
        assertThat(classified(1, step("x", 2)).limit()).as("goes on").isEqualTo(StepLimit.NONE);
        assertThat(classified(2, step("x", 2)).limit())
                .as("third of three steps")
                .isEqualTo(StepLimit.PARTICLE_STEPS);
        assertThat(classified(1, step("x", 18)).limit()).as("20 of 20 tokens").isEqualTo(StepLimit.PARTICLE_TOKENS);
        assertThat(classified(1, step("x", 17)).limit()).as("19 of 20 tokens").isEqualTo(StepLimit.NONE);
        assertThat(classified(2, step("x!", 18)).end())
                .as("an answer outranks limits")
                .isEqualTo(StepEnd.END);
        assertThat(classified(1, step("x", 2).cutBy(StepLimit.STEP_TOKENS)).limit())
                .as("cut by the step's own limit")
                .isEqualTo(StepLimit.STEP_TOKENS);
        assertThat(classified(1, step("x", 2).cutBy(StepLimit.CONTEXT)).limit())
                .as("context is full")
                .isEqualTo(StepLimit.CONTEXT);
    }

    /** {@code step} as it comes out of a round whose particle has {@code before} steps of two tokens. */
    private static Step classified(int before, Step step) {
        var tree = PrefixTree.EMPTY;
        for (int id = 1; id <= before; id++) {
            tree = tree.plus(List.of(new Node(id, id - 1, id, step("a", 2), List.of(0.0))));
        }
        var plan = new RoundPlan(before, List.of(expansion(0, before)), false);
        var collector = RoundCollector.open("j", "p", plan, tree, LIMITS, text -> text.endsWith("!"));
        collector.accept(collector.stepsNeeded().getFirst(), step, USAGE);
        return collector.completed().orElseThrow().extensions().getFirst().step();
    }

    /** The token limit may cut a final answer in two; the particle ends where it is whole. */
    @Test
    void anAnswerSplitOverTwoStepsIsFound() {
        var half = step("\\boxed{1", 2).cutBy(StepLimit.STEP_TOKENS);
        var tree = PrefixTree.EMPTY.plus(List.of(new Node(1, 0, 1, half, List.of(0.0))));
        var plan = new RoundPlan(1, List.of(expansion(0, 1)), false);
        var collector = RoundCollector.open("j", "p", plan, tree, LIMITS, text -> text.contains("\\boxed{12}"));
        collector.accept(collector.stepsNeeded().getFirst(), step("2}", 2), USAGE);

        assertThat(collector
                        .completed()
                        .orElseThrow()
                        .extensions()
                        .getFirst()
                        .step()
                        .end())
                .isEqualTo(StepEnd.END);
    }

    private static RoundCollector open(int slots, java.util.function.Predicate<String> holdsAnswer) {
        var expansions =
                IntStream.range(0, slots).mapToObj(slot -> expansion(slot, 0)).toList();
        return RoundCollector.open("j", "p", new RoundPlan(0, expansions, true), PrefixTree.EMPTY, LIMITS, holdsAnswer);
    }

    private static Expansion expansion(int slot, int parent) {
        return new Expansion(0, 0, slot, Purpose.EXTEND, parent, Sampling.atTemperature(1), Extent.STEP);
    }

    private static Step step(String text, int tokens) {
        return new Step(text, Collections.nCopies(tokens, 7), StepEnd.STEP, StepLimit.NONE, -1, tokens);
    }
}
