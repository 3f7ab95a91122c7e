package cloudchamber.coordinator.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SeriesTest {

    @Test
    void aCurveIsCalledByItsMethodAndByWhatVaries() {
        var names = Series.names(List.of(
                Map.of("method", "dvts", "prm", "a", "policy", "p", "temperature", "0.8"),
                Map.of("method", "dvts", "prm", "b", "policy", "p", "temperature", "0.4"),
                Map.of("method", "greedy", "prm", "a", "policy", "p")));

        assertThat(names).containsExactly("dvts prm=a temperature=0.8", "dvts prm=b temperature=0.4", "greedy prm=a");
    }

    @Test
    void howABudgetIsSpentGivesNoCurveOfItsOwn() {
        var names = Series.names(List.of(
                Map.of("method", "particle-gibbs", "allocation", "8x2x1"),
                Map.of("method", "particle-gibbs", "allocation", "4x4x1")));

        assertThat(names).containsExactly("particle-gibbs", "particle-gibbs");
    }
}
