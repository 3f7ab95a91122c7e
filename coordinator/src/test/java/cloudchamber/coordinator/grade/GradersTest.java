package cloudchamber.coordinator.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GradersTest {

    @Test
    void everyIdFindsItsGrader() {
        assertThat(Graders.ids())
                .isNotEmpty()
                .allSatisfy(id -> assertThat(Graders.byId(id).id()).isEqualTo(id));
    }

    @Test
    void anUnknownIdIsNamedBesideTheKnownOnes() {
        assertThatThrownBy(() -> Graders.byId("maths"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("grader must be one of [math,")
                .hasMessageEndingWith(": was maths");
    }

    @Test
    void exactComparesTheMarkedAnswerAsText() {
        Grader exact = Graders.byId("exact");

        assertThat(exact.extract("so \\boxed{A.A1}")).contains("A.A1");
        assertThat(exact.equivalent("1.0", "1")).isFalse();
        assertThat(exact.correct(" 18", "of 9 and 9\n#### 18")).isTrue();
        assertThat(exact.complete("\\boxed{010}")).isTrue();
    }

    @Test
    void textTakesTheWholeText() {
        Grader text = Graders.byId("text");

        assertThat(text.extract(" 0\n1\n")).contains("0\n1");
        assertThat(text.extract(" \n")).isEmpty();
        assertThat(text.complete("\\boxed{010}")).isFalse();
        assertThat(text.correct("#### 1", "1")).isFalse();
    }
}
