package cloudchamber.coordinator.grade;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MathGraderTest {
    private final Grader math = Graders.byId("math");

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "18 | 18",
                "025 | 25",
                "27.0 | 27",
                "-3 | -3.00",
                "1,234 | 1234",
                "10,\\!080 | 10080",
                "1/2 | 0.5",
                "\\frac{1}{2} | .5",
                "\\dfrac{2}{4} | \\tfrac{1}{2}",
                "-\\frac{6}{3} | -2",
                "$7$ | 7",
                "\\$36 | 36"
            })
    void equalNumbersShareAKey(String first, String second) {
        assertThat(math.equivalent(first, second)).isTrue();
        assertThat(math.equivalent(second, first)).isTrue();
        assertThat(math.canonical(first)).isEqualTo(math.canonical(second));
    }

    @ParameterizedTest(name = "{0} is not {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "18 | 19",
                "3 | -3",
                "0.333333333333333 | 1/3",
                "500 | 5",
                "10000 | 10000.5",
                "12,34 | 1234",
                "1/0 | 0",
                "9007199254740993 | 9007199254740992"
            })
    void differentNumbersAreTold(String first, String second) {
        assertThat(math.equivalent(first, second)).isFalse();
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            value = {"18 | She has 9 * 2 = 18.\\n#### 18", "1234 | #### 1,234", "25 | 025", "27 | 27.0"})
    void theGoldOfADataSetIsRead(String answer, String gold) {
        assertThat(math.correct(answer, gold.replace("\\n", "\n"))).isTrue();
        assertThat(math.correct(answer + "1", gold.replace("\\n", "\n"))).isFalse();
    }
}
