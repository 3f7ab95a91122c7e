package cloudchamber.coordinator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.report.Discrimination.Bin;
import cloudchamber.coordinator.report.Discrimination.Particle;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiscriminationTest {

    /** Pairs of right over wrong: .9 beats .2 and .5; .5 beats .2 and ties .5: 3.5 of 4. */
    @Test
    void theAreaIsTheShareOfPairsWon() {
        var discrimination = Discrimination.of(List.of(List.of(
                new Particle(0.9, true), new Particle(0.5, true), new Particle(0.5, false), new Particle(0.2, false))));

        assertThat(discrimination.pooled().orElseThrow()).isCloseTo(3.5 / 4, within(1e-12));
        assertThat(discrimination.withinProblem()).isEqualTo(discrimination.pooled());
    }

    /** A PRM that knows which problems are easy but not which particles are right: 1/2 within, above 1/2 pooled. */
    @Test
    void knowingTheProblemIsNotKnowingTheParticle() {
        var easy = List.of(new Particle(0.9, true), new Particle(0.9, true), new Particle(0.9, false));
        var hard = List.of(new Particle(0.1, true), new Particle(0.1, false), new Particle(0.1, false));
        var discrimination = Discrimination.of(List.of(easy, hard));

        assertThat(discrimination.withinProblem().orElseThrow()).isEqualTo(0.5);
        // 9 pairs: 2·2 won by the easy problem's right ones over the hard one's wrong ones, 2 + 2 ties, 1 lost.
        assertThat(discrimination.pooled().orElseThrow()).isCloseTo((4 + 4 / 2.0) / 9, within(1e-12));
    }

    @Test
    void calibrationIsTheDistanceBetweenSaidAndSeen() {
        var discrimination = Discrimination.of(List.of(List.of(
                new Particle(0.75, true),
                new Particle(0.75, false),
                new Particle(0.25, false),
                new Particle(0.25, false))));

        assertThat(discrimination.bins()).containsExactly(new Bin(0.25, 0, 2), new Bin(0.75, 0.5, 2));
        assertThat(discrimination.calibrationError()).isCloseTo(0.25, within(1e-12));
        assertThat(discrimination.brier()).isCloseTo((0.0625 + 0.5625 + 0.0625 + 0.0625) / 4, within(1e-12));
    }

    @Test
    void withoutBothKindsThereIsNoArea() {
        var discrimination = Discrimination.of(List.of(List.of(new Particle(1, true))));

        assertThat(discrimination.pooled()).isEmpty();
        assertThat(discrimination.withinProblem()).isEmpty();
        assertThat(discrimination.bins()).containsExactly(new Bin(1, 1, 1));
    }
}
