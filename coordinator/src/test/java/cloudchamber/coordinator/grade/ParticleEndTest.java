package cloudchamber.coordinator.grade;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.EndAtAnswer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParticleEndTest {
    private static final Predicate<String> FINAL_LINE = ParticleEnd.of(EndAtAnswer.FINAL_LINE, Graders.math());

    @ParameterizedTest(name = "[{0}]")
    @ValueSource(
            strings = {
                "\\boxed{4}\n\n",
                "so\n\\boxed{4}\n",
                "$\\boxed{\\frac{1}{2}}$.\n",
                "**Answer:** \\boxed{B}\n",
                "\\[ \\boxed{-3} \\]\n\n",
                "The final answer is $\\boxed{10}$.\n",
                "Therefore, the answer is \\boxed{10}\n",
                "#### 18\n",
                "#### $1,234\n",
                "#### -3/4\n",
                "#### 12.5%\n",
                "<think>\nMaybe?\n</think>\n\n\\boxed{4}\n"
            })
    void aLineThatIsNothingButTheAnswerEnds(String text) {
        assertThat(FINAL_LINE.test(text)).isTrue();
    }

    @ParameterizedTest(name = "[{0}]")
    @ValueSource(
            strings = {
                "",
                "\n",
                "\\boxed{4}",
                "#### 1",
                "\\boxed{}\n",
                "\\boxed{4\n",
                "x = \\boxed{1}\n",
                "We put our answer in \\boxed{answer}.\n",
                "\\boxed{1} and y\n",
                "\\boxed{4}\n\nWait\n",
                "#### Step 1: Add\n",
                "#### 1. Add\n",
                "#### Conclusion\n",
                "#### 18 apples\n",
                "the answer is 5\n",
                "<think>\n\\boxed{4}\n",
                "Maybe \\boxed{3}\n</think>\n"
            })
    void anythingElseDoesNot(String text) {
        assertThat(FINAL_LINE.test(text)).isFalse();
    }

    @Test
    void neverIsNever() {
        assertThat(ParticleEnd.of(EndAtAnswer.NEVER, Graders.math()).test("\\boxed{4}\n\n"))
                .isFalse();
    }

    /** Asserted by finishing: a quadratic scan of these would take minutes. */
    @Test
    void longLinesAreScannedOnce() {
        int times = 300_000;
        for (var piece : new String[] {"\\boxed{", "$", "# ", "\n", "answer is ", "1,", "<think>", "</think>"}) {
            assertThat(FINAL_LINE.test(piece.repeat(times) + "\n")).isFalse();
        }
    }
}
