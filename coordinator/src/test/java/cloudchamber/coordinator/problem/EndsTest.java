package cloudchamber.coordinator.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.grade.Graders;
import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Thinking;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a particle ends, and that every method answers with what the grader reads in the same text. */
class EndsTest {
    private static final String HEADING =
            "#### Step 1: Understand the problem\n\nWe add 2 and 2.\n\n#### Step 2: Add\n\nSo it is \\boxed{4}.";
    private static final String INSTRUCTION = "We put our answer in \\boxed{answer}.\n\nSo we add.\n\n\\boxed{4}";
    private static final String TWO_BOXES = "First, x = \\boxed{1}\n\nand y = \\boxed{2}";
    private static final String HEADINGS =
            "#### Step 1: Add\n\nWe add 2 and 2.\n\n#### Conclusion\n\nThe final answer is 4.";
    private static final String THOUGHT =
            "<think>\nMaybe it is \\boxed{3}?\n\nNo, that is wrong.\n</think>\n\nWe add 2 and 2.\n\n\\boxed{4}";

    /** What is right where every edition of the rules for answers agrees. */
    private static final Map<String, String> RIGHT =
            Map.of(HEADING, "4", INSTRUCTION, "4", TWO_BOXES, "2", THOUGHT, "4", "2 + 2 = 4\n\n\\boxed{4}", "4");

    private static final List<String> OTHERS = List.of(
            HEADINGS,
            "The answer is 4.\n\nWait, let me check that.\n\nThe answer is 5.",
            "#### 18\n\nQuestion: What is 3 + 3?\n\n#### 6",
            "It is $\\boxed{\\frac{1}{2}}$\n\nThat is all, see above.",
            "no answer at all\n\nnone here",
            "(B)\n\nbecause (A) is wrong.");

    static Stream<Arguments> methodsAndTexts() {
        var texts = Stream.concat(RIGHT.keySet().stream(), OTHERS.stream()).toList();
        return Methods.standard().stream()
                .flatMap(method -> texts.stream().map(text -> Arguments.of(method, method.id(), text)));
    }

    @ParameterizedTest(name = "{1}: {2}")
    @MethodSource("methodsAndTexts")
    void everyMethodAnswersWithWhatTheGraderReads(MethodSettings method, String id, String text) {
        for (var grader : Graders.ids()) {
            var run = ScriptedRun.of(ScriptedRun.specification(method, grader), ScriptedRun.says(text), scoring -> 1.0);

            assertThat(run.outcome().answer())
                    .isEqualTo(Answers.said(Graders.byId(grader)).extract(text).orElse(null));
            assertThat(run.view().particles())
                    .isNotEmpty()
                    .allSatisfy(particle -> assertThat(text(particle)).isEqualTo(text));
        }
        if (RIGHT.containsKey(text)) {
            var run = ScriptedRun.of(ScriptedRun.specification(method, "math"), ScriptedRun.says(text), scoring -> 1.0);
            assertThat(run.outcome().posterior())
                    .extracting(Outcome.AnswerWeight::answer)
                    .containsExactly(RIGHT.get(text));
        }
    }

    private static String text(ProblemView.Particle particle) {
        return particle.steps().stream().map(ProblemView.StepView::text).reduce("", String::concat);
    }

    // ---- the rules for ending early

    @Test
    void aSpecificationWithoutTheFieldHasTheRuleThatWasTheOnlyOne() {
        var stored = ScriptedRun.specification(ParticleFilterSettings.standard(), "math");
        var without = stored.withParticles(null, null);

        assertThat(without.ends()).isEqualTo(EndAtAnswer.AT_MARK);
        assertThat(without.thoughts()).isEqualTo(Thinking.FREE);
        assertThat(stored.withParticles(EndAtAnswer.AT_MARK, Thinking.FREE)).isEqualTo(without);
        assertThat(answer(without, HEADING)).isEqualTo("Step 1: Understand the problem");
        assertThat(answer(without, INSTRUCTION)).isEqualTo("answer");
        assertThat(answer(without, TWO_BOXES)).isEqualTo("1");
    }

    @Test
    void aFinalLineEndsAParticleAndAMarkInATextDoesNot() {
        var rule = ScriptedRun.specification(ParticleFilterSettings.standard(), "math")
                .withParticles(EndAtAnswer.FINAL_LINE, null);

        assertThat(steps(rule, "2 + 2 = 4\n\n\\boxed{4}\n\nQuestion: and 3 + 3?\n\n\\boxed{6}"))
                .isEqualTo(2);
        assertThat(steps(rule, "So\n\n#### 18\n\nQuestion: and 3 + 3?\n\n#### 6"))
                .isEqualTo(2);
        assertThat(answer(rule, HEADING)).isEqualTo("4");
        assertThat(answer(rule, INSTRUCTION)).isEqualTo("4");
        assertThat(answer(rule, TWO_BOXES)).isEqualTo("2");
        assertThat(answer(rule, THOUGHT)).isEqualTo("4");
    }

    private static String answer(ProblemSpecification specification, String text) {
        return ScriptedRun.of(specification, ScriptedRun.says(text), scoring -> 1.0)
                .outcome()
                .answer();
    }

    private static int steps(ProblemSpecification specification, String text) {
        return ScriptedRun.of(specification, ScriptedRun.says(text), scoring -> 1.0)
                .view()
                .particles()
                .getFirst()
                .steps()
                .size();
    }

    // ---- empty replies

    static Stream<MethodSettings> stepwise() {
        return Stream.concat(
                Methods.standard().stream()
                        .filter(method -> !List.of("greedy", "self-consistency", "best-of-n", "weighted-best-of-n")
                                .contains(method.id())),
                Arrays.stream(Target.values()).map(ParticleFilterSettings::standard));
    }

    /** One reply is the text, the next only ends it: as if the text had ended with its last step. */
    @ParameterizedTest
    @MethodSource("stepwise")
    void anEmptyReplyThatEndsTheSequenceIsTheEndAndNotScored(MethodSettings method) {
        var specification = ScriptedRun.specification(method, "math");
        Function<Work.Scoring, Double> prm = scoring -> scoring.prefix().size() == 1 ? .5 : 2.0;
        var empty = ScriptedRun.of(specification, ScriptedRun.says("2 + 2\n\n\\boxed{4}\n\n"), prm);
        var whole = ScriptedRun.of(specification, ScriptedRun.says("2 + 2\n\n\\boxed{4}"), prm);

        assertThat(empty.scored())
                .allSatisfy(
                        scoring -> assertThat(scoring.prefix().getLast().text()).isNotEmpty());
        assertThat(empty.outcome().answer()).isEqualTo("4");
        assertThat(empty.view().particles().getFirst().steps().getLast().end()).isEqualTo(StepEnd.END);
        if (whole.outcome().logEvidence() != null) {
            assertThat(empty.outcome().logEvidence()).isCloseTo(whole.outcome().logEvidence(), within(1e-12));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"particle-filter", "best-of-n"})
    void emptyAsAWholeIsTyped(String id) {
        var method = Methods.standard().stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow();
        var run = ScriptedRun.of(ScriptedRun.specification(method, "math"), ScriptedRun.says(""), scoring -> 1.0);

        assertThat(run.ended().status()).isEqualTo(ProblemStatus.FAILED);
        assertThat(run.ended().failure()).contains("BACKEND_INVALID").contains("must have a text");
    }

    @Test
    void emptyWithoutAnEndIsTyped() {
        var run = ScriptedRun.of(
                ScriptedRun.specification(ParticleFilterSettings.standard(), "math"),
                work -> ScriptedRun.step(work.prefix().isEmpty() ? "a\n\n" : "", StepEnd.STEP),
                scoring -> 1.0);

        assertThat(run.ended().status()).isEqualTo(ProblemStatus.FAILED);
        assertThat(run.ended().failure()).contains("must end its particle");
    }

    @Test
    void aContextThatIsFullWithoutAWordMoreEndsTheParticleAsCut() {
        var run = ScriptedRun.of(
                ScriptedRun.specification(ParticleFilterSettings.standard(), "math"),
                work -> work.prefix().isEmpty()
                        ? ScriptedRun.step("\\boxed{4}\n\n", StepEnd.STEP)
                        : new Step("", List.of(), StepEnd.TRUNCATED, StepLimit.CONTEXT, 0, 0),
                scoring -> 1.0);

        assertThat(run.ended().status()).isEqualTo(ProblemStatus.SUCCEEDED);
        assertThat(run.outcome().answer()).isEqualTo("4");
    }
}
