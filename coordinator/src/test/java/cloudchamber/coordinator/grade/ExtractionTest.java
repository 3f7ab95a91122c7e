package cloudchamber.coordinator.grade;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExtractionTest {
    private final Grader math = Graders.byId("math");

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            commentCharacter = '~',
            value = {
                "so \\boxed{42}                                | 42",
                "\\boxed{\\frac{\\sqrt{3}}{2}}                 | \\frac{\\sqrt{3}}{2}",
                "\\boxed{{1}}                                  | 1",
                "\\boxed{{1}{2}}                               | {1}{2}",
                "\\boxed{{{7}}}                                | 7",
                "\\boxed{\\{1, 2\\}}                           | \\{1, 2\\}",
                "\\boxed{1} then \\boxed{2}                    | 2",
                "\\boxed{\\boxed{5}}                           | 5",
                "\\boxed{3} and \\boxed{}                      | 3",
                "\\boxed{\\frac{1}{2                           | \\frac{1}{2",
                "\\boxed {9}.                                  | 9",
                "$\\boxed 8$                                   | 8",
                "\\boxed{1}\\boxed{2}                           | 1, 2",
                "$\\boxed{-2} \\text{ and } \\boxed{1}$.      | -2, 1",
                "$\\boxed{1}$, $\\boxed{2}$, or $\\boxed{3}$  | 1, 2, 3",
                "\\boxed{3}\\n\\nNo: \\boxed{5}               | 5",
                "\\boxed{3}\\n\\boxed{5}                       | 5",
                "not \\boxed{3} but \\boxed{5}              | 5",
                "\\fbox{6}                                     | 6",
                "\\boxed{$12$}                                 | 12",
                "\\boxed{\\$12}                                | \\$12",
                "She earns 18.\\n#### 18                        | 18",
                "#### 1\\n#### 2\\nbye                           | 2",
                "#### -1,234                                   | -1,234",
                "The final answer is $x^2$. I hope so.         | x^2",
                "The final answer is: \\(7\\)                  | 7",
                "the Answer is 12.5. Next.                     | 12.5",
                "**Final answer is:** 5                        | 5",
                "we get 17 + 26 = 43 apples                    | 43",
                "it is -3 or so                                | -3",
                "from 5-3                                      | 3",
                "about 1,250.50 dollars                        | 1,250.50",
                "that is 3/4 of it                             | 3/4",
                "a share of 25%                                | 25%",
                "one, .5                                       | .5",
            })
    void theAnswerIsFound(String text, String answer) {
        assertThat(math.extract(text.replace("\\n", "\n"))).contains(answer);
    }

    @ParameterizedTest(name = "[{0}]")
    @ValueSource(
            strings = {
                "",
                "   ",
                "no number here",
                "\\boxed{}",
                "\\boxed{ }",
                "\\boxed",
                "\\boxed{$ $}",
                "####",
                "#### \n"
            })
    void nothingIsNoAnswer(String text) {
        assertThat(math.extract(text)).isEmpty();
        assertThat(math.complete(text)).isFalse();
    }

    @ParameterizedTest(name = "[{0}]")
    @ValueSource(strings = {"\\boxed{5}", "so $\\boxed{\\frac{1}{2}}$", "#### 18\n", "\\boxed{1} and \\boxed{"})
    void aWholeAnswerEndsAParticle(String text) {
        assertThat(math.complete(text)).isTrue();
    }

    /** The step may have been cut inside the answer: 1 of 18, or a numerator without its denominator. */
    @ParameterizedTest(name = "[{0}]")
    @ValueSource(strings = {"\\boxed{1", "\\boxed{\\frac{1}{2}", "#### 1", "the answer is 5", "43"})
    void anAnswerThatMayBeCutDoesNot(String text) {
        assertThat(math.complete(text)).isFalse();
    }

    /** Asserted by finishing: a quadratic scan of these would take minutes. */
    @Test
    void longTextsAreScannedOnce() {
        int times = 100_000;
        assertThat(math.extract("{".repeat(times))).isEmpty();
        assertThat(math.extract("\\boxed{" + "$".repeat(times) + "}")).isEmpty();
        assertThat(math.extract("\\boxed{".repeat(times))).isEmpty();
        assertThat(math.extract("\\boxed{" + "{".repeat(times))).isPresent();
        assertThat(math.extract("\\boxed{" + "{".repeat(times) + "1" + "}".repeat(times) + "}"))
                .contains("1");
        assertThat(math.extract("answer is".repeat(times))).isEmpty();
        assertThat(math.extract("9".repeat(times))).isPresent();
    }
}
