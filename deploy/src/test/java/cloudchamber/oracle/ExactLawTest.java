package cloudchamber.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.FiniteLanguage.TreeNode;
import cloudchamber.protocol.model.method.Target;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The oracle against numbers worked out by hand with fractions. */
class ExactLawTest {
    private static final FiniteLanguage HMM =
            new FiniteLanguage.Hmm(List.of(.6, .4), List.of(List.of(.7, .3), List.of(.2, .8)), List.of(.9, .2), 3);

    private static final FiniteLanguage TREE = new FiniteLanguage.Tree(List.of(
            new TreeNode("A", null, .5, .6, false),
            new TreeNode("B", null, .3, .8, false),
            new TreeNode("S", null, .2, .7, true),
            new TreeNode("A1", "A", .6, .9, true),
            new TreeNode("A2", "A", .4, .5, false),
            new TreeNode("B1", "B", 1, .4, true),
            new TreeNode("A21", "A2", 1, .95, true)));

    @Test
    void theProductOfRewardsOnAMarkovModel() {
        var law = ExactLaw.of(HMM, Target.PRODUCT);

        assertThat(law.evidence()).isCloseTo(130021.0 / 500000, within(1e-15));
        assertThat(law.answers().get("000")).isCloseTo(.824198, within(5e-7));
        assertThat(law.answers().get("111")).isCloseTo(.007876, within(5e-7));
        assertThat(law.answers()).hasSize(8);
    }

    @Test
    void threeTargetsOnATreeOfUnequalPaths() {
        assertThat(ExactLaw.of(TREE, Target.FINAL).evidence()).isCloseTo(43.0 / 6, within(1e-12));
        assertThat(ExactLaw.of(TREE, Target.FINAL).answers().get("A.A2.A21")).isCloseTo(.530233, within(5e-7));
        assertThat(ExactLaw.of(TREE, Target.PRODUCT).evidence()).isCloseTo(.455, within(1e-15));
        assertThat(ExactLaw.of(TREE, Target.FINAL_LOG).answers().get("S")).isCloseTo(.194444, within(5e-7));
    }

    @Test
    void targetsWithoutALawOfTheirOwnAreRefused() {
        assertThatThrownBy(() -> ExactLaw.of(TREE, Target.PAPER))
                .hasMessage("target must be final, final-log or product for an exact law: was paper, whose law depends"
                        + " on the lengths of other particles");
    }
}
