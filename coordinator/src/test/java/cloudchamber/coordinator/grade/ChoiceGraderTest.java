package cloudchamber.coordinator.grade;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChoiceGraderTest {
    private final Grader choice = Graders.byId("choice");

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "B",
                "b",
                "(B)",
                "(b)",
                "[B]",
                "B.",
                "B)",
                "B. 12",
                "B: the second",
                "(B) 12",
                "\\text{(B)}",
                "\\textbf{(B)}",
                "\\text{B}",
                "$B$",
                "{B}",
                "**B**",
                "option B",
                "Choice (B)",
                "\\textbf{(B)}~12",
                "\\mathrm{B}"
            })
    void allWritingsOfALetterAreThatLetter(String answer) {
        assertThat(choice.correct(answer, "B")).isTrue();
        assertThat(choice.correct(answer, "(B)")).isTrue();
        assertThat(choice.correct(answer, "C")).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"", "Both", "BC", "12", "(BC)", "banana", "(12)", "K"})
    void otherTextIsNoLetter(String answer) {
        assertThat(choice.correct(answer, "B")).isFalse();
        assertThat(choice.correct(answer, answer.toUpperCase(java.util.Locale.ROOT)))
                .isTrue();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "so $\\boxed{\\textbf{(C)}\\ 12}$ | C",
                "The answer is (D). | D",
                "Clearly (A) is wrong, so (B). | B",
                "\\boxed{e} | E",
                "\\boxed{42} | 42"
            })
    void theLetterIsFound(String text, String answer) {
        assertThat(choice.extract(text)).contains(answer);
    }

    @Test
    void nothingIsNoAnswer() {
        assertThat(choice.extract("I do not know")).isEmpty();
        assertThat(choice.complete("so (B)")).isFalse();
        assertThat(choice.complete("so \\boxed{B}")).isTrue();
    }
}
