package cloudchamber.coordinator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.wire.SlotOffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotAccountsTest {
    private static final String WORKER = "w";
    private static final long LEASE_MILLIS = 1500;

    private final SlotAccounts slots = new SlotAccounts(LEASE_MILLIS);

    SlotAccountsTest() {
        slots.open(WORKER);
    }

    @Test
    void totalsMayComeLateAndTwice() {
        slots.offered(WORKER, new SlotOffer(3, true));
        slots.offered(WORKER, new SlotOffer(2, true));
        slots.offered(WORKER, new SlotOffer(3, true));
        assertThat(slots.free(WORKER)).isEqualTo(3);
        slots.take(WORKER, 0, 0);
        assertThat(slots.free(WORKER)).isEqualTo(2);
        slots.open(WORKER);
        assertThat(slots.free(WORKER)).as("a worker that says again who it is").isEqualTo(2);
    }

    @Test
    void slotsOfLostRequestsAreFreeAgainAfterALease() {
        slots.offered(WORKER, new SlotOffer(2, true));
        slots.take(WORKER, 0, 0);
        slots.take(WORKER, 1, 0);
        slots.arrived(WORKER, 0);
        slots.renewed(WORKER, 1, true, LEASE_MILLIS - 1);
        assertThat(slots.free(WORKER)).as("one may be on its way").isZero();
        slots.renewed(WORKER, 1, true, LEASE_MILLIS);
        assertThat(slots.free(WORKER)).isOne();
        slots.renewed(WORKER, 2, true, LEASE_MILLIS + 1);
        assertThat(slots.free(WORKER)).as("it was only slow").isZero();
    }

    @Test
    void slotsThatMayNotBeKeptAreGivenBackAndTheWorkerIsWokenOnce() {
        slots.offered(WORKER, new SlotOffer(3, false));
        assertThat(slots.keeps(WORKER)).isFalse();
        assertThat(slots.passOn(WORKER, 3)).isEqualTo(3);
        assertThat(slots.free(WORKER)).isZero();
        assertThat(slots.wantsWakeUp(WORKER)).isTrue();
        slots.wokenUp(WORKER);
        assertThat(slots.wantsWakeUp(WORKER)).isFalse();
        slots.renewed(WORKER, 0, false, 10);
        assertThat(slots.wantsWakeUp(WORKER)).as("the word may be lost").isTrue();
        slots.offered(WORKER, new SlotOffer(5, false));
        assertThat(slots.passOn(WORKER, slots.free(WORKER))).isEqualTo(5);
    }

    /** With a true worker on the other side, never more is out than it has slots, whatever is lost on the way. */
    @Test
    void neverMoreIsTakenThanIsThere() {
        int size = 4;
        for (int seed = 0; seed < 50; seed++) {
            var random = new CounterRandom(seed);
            var accounts = new SlotAccounts(LEASE_MILLIS);
            accounts.open(WORKER);
            long offered = size;
            long received = 0;
            long nextLease = 0;
            List<Long> running = new ArrayList<>();
            for (long now = 0; now < 60_000; now += 50) {
                if (random.nextDouble() < .8) {
                    accounts.offered(WORKER, new SlotOffer(offered, true));
                }
                while (accounts.free(WORKER) > 0) {
                    accounts.take(WORKER, nextLease, now);
                    if (random.nextDouble() < .9) {
                        received++;
                        running.add(nextLease);
                    }
                    nextLease++;
                }
                assertThat(running).as("seed %d at %d", seed, now).hasSizeLessThanOrEqualTo(size);
                if (!running.isEmpty() && random.nextDouble() < .5) {
                    accounts.arrived(WORKER, running.remove(random.nextInt(running.size())));
                    offered++;
                }
                if (now % 300 == 0 && random.nextDouble() < .8) {
                    running.forEach(lease -> accounts.arrived(WORKER, lease));
                    accounts.renewed(WORKER, received, true, now);
                }
            }
            assertThat(nextLease).as("work goes on").isGreaterThan(400);
        }
    }
}
