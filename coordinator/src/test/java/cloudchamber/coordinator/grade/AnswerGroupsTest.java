package cloudchamber.coordinator.grade;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswerGroupsTest {

    @Test
    void equalAnswersShareAGroupAndMissingOnesHaveNone() {
        var groups = AnswerGroups.of(
                Graders.math(),
                List.of(
                        Optional.of("1/2"),
                        Optional.empty(),
                        Optional.of("3"),
                        Optional.of("0.5"),
                        Optional.of("3.0")));

        assertThat(groups.representatives()).containsExactly("1/2", "3");
        assertThat(groups.groupOf()).containsExactly(0, AnswerGroups.NONE, 1, 0, 1);
    }

    @Test
    void noAnswersMakeNoGroups() {
        assertThat(AnswerGroups.of(Graders.math(), List.of(Optional.empty())).representatives())
                .isEmpty();
    }
}
