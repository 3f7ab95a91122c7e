package cloudchamber.coordinator.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.coordinator.membership.MembershipSimulation.Bug;
import cloudchamber.coordinator.membership.MembershipSimulation.Fault;
import java.util.EnumMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever happened, coordinators and workers become one cluster once it stops; mistakes in the rules are found. */
class MembershipSimulationTest {
    private static final int SEEDS = Integer.getInteger("membership.seeds", 100);
    private static final int SEEDS_FOR_A_BUG = 1000;

    @Test
    void oneClusterComesOfAnyScheduleOfFaults() {
        var faults = new EnumMap<Fault, Integer>(Fault.class);
        long slowest = 0;
        for (long seed = Long.getLong("membership.first", 0); seed < SEEDS; seed++) {
            var simulation = new MembershipSimulation(seed, Bug.NONE);
            try {
                slowest = Math.max(slowest, simulation.run());
            } catch (AssertionError found) {
                throw new AssertionError("seed " + seed, found);
            }
            simulation.faults.forEach((fault, count) -> faults.merge(fault, count, Integer::sum));
        }

        System.out.println("MembershipSimulationTest: " + SEEDS + " schedules with " + faults
                + "; the slowest had one cluster " + slowest + " ms after its last fault");
        assertThat(faults).containsOnlyKeys(Fault.values());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aMistakeIsFound(Bug bug) {
        var seed = LongStream.range(0, SEEDS_FOR_A_BUG)
                .filter(candidate -> {
                    try {
                        new MembershipSimulation(candidate, bug).run();
                        return false;
                    } catch (AssertionError found) {
                        return true;
                    }
                })
                .findFirst();

        assertThat(seed).as("a seed that finds " + bug).isPresent();
        assertThatThrownBy(() -> new MembershipSimulation(seed.getAsLong(), bug).run())
                .isInstanceOf(AssertionError.class);
    }
}
