package cloudchamber.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import cloudchamber.protocol.model.Message.Role;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.Resampling;
import cloudchamber.protocol.model.method.Selection;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecordChecksTest {

    /** A value that must be refused, and the sentence that says so. */
    record Wrong(String sentence, Supplier<?> value) {
        @Override
        public String toString() {
            return sentence;
        }
    }

    static Stream<Wrong> wrongValues() {
        return Stream.of(
                wrong("job must not be blank: was \" \"", () -> key(" ", "p", 0, 0, 0, 0)),
                wrong("problem must not be blank: was missing", () -> key("j", null, 0, 0, 0, 0)),
                wrong("chain must be between 0 and 65535: was -1", () -> key("j", "p", -1, 0, 0, 0)),
                wrong("chain must be between 0 and 65535: was 65536", () -> key("j", "p", 65536, 0, 0, 0)),
                wrong("iteration must be between 0 and 65535: was 65536", () -> key("j", "p", 0, 65536, 0, 0)),
                wrong("round must be at least 0: was -1", () -> key("j", "p", 0, 0, -1, 0)),
                wrong("slot must be at least 0: was -1", () -> key("j", "p", 0, 0, 0, -1)),
                wrong("purpose must be given: was missing", () -> new StepKey("j", "p", 0, 0, 0, 0, null)),
                wrong("attempt must be at least 1: was 0", () -> new AttemptKey(key("j", "p", 0, 0, 0, 0), 0)),
                wrong("step must be given: was missing", () -> new AttemptKey(null, 1)),
                wrong("node must be at least 0: was -1", () -> new NodeReference("j", "p", -1)),
                wrong("sampling.maxSteps must be at least 1: was 0", () -> new Limits(0, 1, 1)),
                wrong("sampling.maxStepTokens must be at least 1: was 0", () -> new Limits(1, 0, 1)),
                wrong("sampling.maxTokens must be at least 1: was 0", () -> new Limits(1, 1, 0)),
                wrong(
                        "sampling.temperature must be between 0.0 and 100.0: was NaN",
                        () -> Sampling.atTemperature(Double.NaN)),
                wrong(
                        "sampling.temperature must be between 0.0 and 100.0: was -0.1",
                        () -> Sampling.atTemperature(-.1)),
                wrong("sampling.topK must be at least 0: was -1", () -> new Sampling(1, -1, 1, 0)),
                wrong("sampling.topP must be between 4.9E-324 and 1.0: was 0.0", () -> new Sampling(1, 0, 0, 0)),
                wrong("sampling.minP must be between 0.0 and 1.0: was 1.5", () -> new Sampling(1, 0, 1, 1.5)),
                wrong("a prompt must end with a USER message: was []", () -> new Prompt(List.of())),
                wrong(
                        "a prompt must end with a USER message: was [USER, ASSISTANT]",
                        () -> new Prompt(List.of(new Message(Role.USER, "a"), new Message(Role.ASSISTANT, "b")))),
                wrong("content must be given: was missing", () -> Prompt.question(null)),
                wrong("text must be given: was missing", () -> new PrefixStep(null, List.of())),
                wrong("tokenIds must be given: was missing", () -> new PrefixStep("a", null)),
                wrong(
                        "logProbability must be finite: was -Infinity",
                        () -> step(StepEnd.STEP, StepLimit.NONE, Double.NEGATIVE_INFINITY, 1)),
                wrong(
                        "logProbability must be finite: was NaN",
                        () -> step(StepEnd.STEP, StepLimit.NONE, Double.NaN, 1)),
                wrong(
                        "logProbabilityTokens must be at least 0: was -1",
                        () -> step(StepEnd.STEP, StepLimit.NONE, 0, -1)),
                wrong("library must not be blank: was \"\"", () -> new NumericsClass("", "v", "w", "c")),
                wrong("category must be given: was missing", () -> new Refusal(null, "why")),
                wrong(
                        "softmaxTemperature.start must be between 1.0E-6 and 1000000.0: was 0.0",
                        () -> new TemperatureSchedule(0, 1, 1)),
                wrong("softmaxTemperature.rounds must be at least 1: was 0", () -> new TemperatureSchedule(1, 1, 0)),
                wrong(
                        "method.particles must be at least 1: was 0",
                        () -> ParticleFilterSettings.standard().withParticles(0)),
                wrong(
                        "method.essThreshold must be between 0.0 and 1.0: was 1.01",
                        () -> ParticleFilterSettings.standard().withEssThreshold(1.01)),
                wrong(
                        "method.aggregation must be last for the target product, which uses every step's own score: was min",
                        () -> ParticleFilterSettings.standard()
                                .withAggregation(Aggregation.MIN)
                                .withTarget(Target.PRODUCT)));
    }

    @ParameterizedTest
    @MethodSource("wrongValues")
    void wrongValueIsRefusedWithWhatWasExpectedAndSeen(Wrong wrong) {
        assertThatIllegalArgumentException().isThrownBy(wrong.value()::get).withMessage(wrong.sentence());
    }

    /** A limit is named exactly when a step was cut, so a reader needs to look at one of the two only. */
    @ParameterizedTest
    @EnumSource
    void limitIsNamedExactlyWhenTheStepWasCut(StepLimit limit) {
        for (var end : StepEnd.values()) {
            if ((end == StepEnd.TRUNCATED) == (limit != StepLimit.NONE)) {
                assertThat(step(end, limit, 0, 1).finishes()).isEqualTo(end == StepEnd.END || limit.absorbing());
            } else {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> step(end, limit, 0, 1))
                        .withMessage("a limit must be named exactly when the step is TRUNCATED: was " + end + " with "
                                + limit);
            }
        }
    }

    @Test
    void edgesOfTheRangesAreAllowed() {
        assertThat(key("j", "p", 0xFFFF, 0xFFFF, Integer.MAX_VALUE, Integer.MAX_VALUE)
                        .chain())
                .isEqualTo(0xFFFF);
        assertThat(new Sampling(0, 0, Double.MIN_VALUE, 1).topP()).isPositive();
        assertThat(new Sampling(100, Integer.MAX_VALUE, 1, 0).temperature()).isEqualTo(100);
        assertThat(new Limits(1, 1, 1).maxSteps()).isOne();
    }

    @Test
    void listsAreCopied() {
        var tokenIds = new ArrayList<>(List.of(1, 2));
        var step = new Step("a", tokenIds, StepEnd.STEP, StepLimit.NONE, 0, 2);
        var repeated = new PrefixStep("a", tokenIds);

        tokenIds.clear();

        assertThat(step.tokenIds()).containsExactly(1, 2);
        assertThat(repeated.tokenIds()).containsExactly(1, 2);
    }

    /** Codes stand in random keys and ids in journals: what a name meant once it means for ever. */
    @Test
    void codesAndIdsAreFrozen() {
        assertThat(Purpose.values()).extracting(Purpose::code).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(ids(Target.values(), Target::id))
                .containsExactly("final", "product", "final-log", "paper", "its-hub");
        assertThat(ids(Resampling.values(), Resampling::id))
                .containsExactly(
                        "multinomial", "residual", "stratified", "systematic", "systematic-shuffled", "ssp", "optimal");
        assertThat(ids(Aggregation.values(), Aggregation::id))
                .containsExactly("model", "last", "min", "product", "mean");
        assertThat(ids(Selection.values(), Selection::id)).containsExactly("vote", "argmax", "draw", "best-score");
    }

    @Test
    void temperatureGoesInAStraightLineAndStaysAtItsEnd() {
        var schedule = new TemperatureSchedule(4, 1, 4);

        assertThat(List.of(0, 1, 2, 3, 4, 1000)).extracting(schedule::at).containsExactly(4.0, 3.0, 2.0, 1.0, 1.0, 1.0);
        assertThat(TemperatureSchedule.constant(.5).at(0)).isEqualTo(.5);
    }

    private static <E> List<String> ids(E[] values, Function<E, String> id) {
        return Arrays.stream(values).map(id).toList();
    }

    private static Wrong wrong(String sentence, Supplier<?> value) {
        return new Wrong(sentence, value);
    }

    private static StepKey key(String job, String problem, int chain, int iteration, int round, int slot) {
        return new StepKey(job, problem, chain, iteration, round, slot, Purpose.EXTEND);
    }

    private static Step step(StepEnd end, StepLimit limit, double logProbability, int tokens) {
        return new Step("a", List.of(), end, limit, logProbability, tokens);
    }
}
