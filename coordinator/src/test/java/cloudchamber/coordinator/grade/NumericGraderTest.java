package cloudchamber.coordinator.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumericGraderTest {

    @ParameterizedTest(name = "{0}: {1} is {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "numeric(0.1) | 3.1 | 3.2",
                "numeric(0.1) | 0.2 | 0.3",
                "numeric(0.01) | \\pi | 3.14",
                "numeric(0.01) | \\frac{1}{3} | 0.33",
                "numeric(0.01) | x = 2.5 | 2.505",
                "numeric(0.01) | \\$12.00 | 12.01",
                "numeric(0) | 1/2 | 0.5",
                "numeric(1%) | 100 | 101",
                "numeric(1%) | -100 | -99",
                "numeric(1%) | 62.5\\% | 62.6",
                "numeric(0.5) | \\text{east} | East",
                "numeric(0.5) | 2k | k+k",
            })
    void numbersWithinTheToleranceAreTheSame(String id, String first, String second) {
        assertThat(Graders.byId(id).equivalent(first, second)).isTrue();
        assertThat(Graders.byId(id).equivalent(second, first)).isTrue();
    }

    @ParameterizedTest(name = "{0}: {1} is not {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "numeric(0.1) | 3.1 | 3.21",
                "numeric(0.01) | \\pi | 3.12",
                "numeric(0) | 1/3 | 0.333",
                "numeric(1%) | 100 | 102",
                "numeric(1%) | 100 | -100",
                "numeric(1%) | 0 | 0.001",
                "numeric(0.5) | 2k | 2k+0.1",
                "numeric(0.5) | \\text{east} | 1",
                "numeric(0.5) | i | 0",
                "numeric(0.5) | 1,2 | 1",
            })
    void otherNumbersAreNot(String id, String first, String second) {
        assertThat(Graders.byId(id).equivalent(first, second)).isFalse();
        assertThat(Graders.byId(id).equivalent(second, first)).isFalse();
    }

    @Test
    void answersAreFoundAsInMathematics() {
        Grader numeric = Graders.byId("numeric(0.01)");

        assertThat(numeric.extract("about \\boxed{3.14}")).contains("3.14");
        assertThat(numeric.complete("about \\boxed{3.14")).isFalse();
        assertThat(numeric.correct("18.005", "9 * 2\n#### 18")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"numeric(-1)", "numeric(NaN)", "numeric(-1%)"})
    void aToleranceIsAtLeastZero(String id) {
        assertThatThrownBy(() -> Graders.byId(id))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the tolerance of a numeric grader must be at least 0: was " + id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"numeric", "numeric()", "numeric(a)", "numeric(1"})
    void aToleranceIsANumber(String id) {
        assertThatThrownBy(() -> Graders.byId(id))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("grader must be one of [math, ")
                .hasMessageEndingWith(": was " + id);
    }
}
