package cloudchamber.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Places are never given twice, never kept back, and go to whoever has the fewest for its weight. */
class SharesTest {
    private final Shares<String> shares = new Shares<>(12);
    private final Map<String, Integer> held = new HashMap<>();

    @Test
    void placesAreSharedByWeight() {
        shares.want("light", 1, 100, 1);
        shares.want("heavy", 1, 100, 2);

        grant();

        assertThat(held).isEqualTo(Map.of("light", 4, "heavy", 8));
    }

    @Test
    void whatOneDoesNotWantOthersHave() {
        shares.want("modest", 1, 2, 1);
        shares.want("greedy", 1, 100, 1);

        grant();

        assertThat(held).isEqualTo(Map.of("modest", 2, "greedy", 10));
        assertThat(shares.taken()).isEqualTo(12);
    }

    /** A late comer gets every place that becomes free until it has its share. */
    @Test
    void freePlacesGoToWhoeverHasTheFewest() {
        shares.want("first", 1, 100, 1);
        grant();
        shares.want("late", 1, 100, 1);
        grant();
        assertThat(held).isEqualTo(Map.of("first", 12));

        for (int place = 0; place < 6; place++) {
            shares.giveBack("first", 1);
            held.merge("first", -1, Integer::sum);
            grant();
        }

        assertThat(held).isEqualTo(Map.of("first", 6, "late", 6));
    }

    @Test
    void ofEqualsTheOneThatWaitedLongestIsNext() {
        shares.want("full", 1, 12, 1);
        grant();
        for (var name : new String[] {"a", "b", "c"}) {
            shares.want(name, 1, 1, 1);
            assertThat(shares.grant()).isEmpty();
        }

        shares.giveBack("full", 1);
        assertThat(shares.grant()).containsExactly(new Shares.Grant<>("a", 1, 1));
        shares.giveBack("full", 1);
        assertThat(shares.grant()).containsExactly(new Shares.Grant<>("b", 1, 1));
    }

    @Test
    void aNewLifeStartsWithNothingAndAnOldOneIsNotHeard() {
        shares.want("job", 1, 12, 1);
        grant();
        assertThat(shares.want("job", 2, 5, 1)).as("unknown").isFalse();
        shares.giveBack("job", 1);
        shares.want("job", 1, 12, 1);

        assertThat(shares.grant()).containsExactly(new Shares.Grant<>("job", 2, 5));
        assertThat(shares.taken()).isEqualTo(5);
        shares.remove("job");
        shares.remove("job");
        assertThat(shares.taken()).isZero();
    }

    private void grant() {
        shares.grant().forEach(grant -> held.merge(grant.to(), grant.places(), Integer::sum));
    }
}
