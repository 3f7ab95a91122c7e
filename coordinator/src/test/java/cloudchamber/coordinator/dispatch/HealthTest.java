package cloudchamber.coordinator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.wire.WorkerStatus;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final DispatchSettings SETTINGS = DispatchWorld.SETTINGS;
    private static final long LEASE_MILLIS = SETTINGS.leaseDuration().toMillis();

    private final Health health = new Health(SETTINGS);

    HealthTest() {
        health.open("w");
        health.heard("w", 0);
    }

    @Test
    void aWorkerIsUsableWhileItIsHeardAndNotDraining() {
        assertThat(health.isUsable("w", 0, LEASE_MILLIS - 1)).isTrue();
        assertThat(health.isUsable("w", 0, LEASE_MILLIS)).isFalse();
        health.heard("w", 5000);
        assertThat(health.isUsable("w", 0, 5000)).isTrue();
        health.leaseExpired("w", 5001);
        assertThat(health.isSilent("w", 5001)).as("it talks and does not renew").isTrue();
        health.heard("w", 5002);
        health.reported("w", new WorkerStatus(1, 0, 0, 0, 0, 0, "", 0, true));
        assertThat(health.isUsable("w", 0, 5002)).isFalse();
    }

    @Test
    void threeTroublesInARowEject() {
        assertThat(health.wentIll("w")).isZero();
        assertThat(health.wentIll("w")).isZero();
        health.wentWell("w", 1);
        assertThat(health.wentIll("w")).isZero();
        assertThat(health.wentIll("w")).isZero();
        assertThat(health.wentIll("w")).isEqualTo(3);
        assertThat(health.wentIll("stranger")).isZero();
    }

    @Test
    void anEjectedWorkerRestsThenGetsOneProbeAtATimeUntilOneSucceeds() {
        assertThat(health.eject("w", 0)).isTrue();
        assertThat(health.eject("w", 10)).as("again").isFalse();
        long probe = 10 + SETTINGS.probeInterval().toMillis();
        health.heard("w", probe - 1);

        assertThat(health.isUsable("w", 0, probe - 1)).isFalse();
        assertThat(health.isUsable("w", 0, probe)).isTrue();
        assertThat(health.isUsable("w", 1, probe)).as("a probe is out").isFalse();
        assertThat(health.wentWell("w", probe)).isTrue();
        assertThat(health.wentWell("w", probe)).isFalse();
        assertThat(health.isUsable("w", 1, probe)).isTrue();
    }

    @Test
    void aWorkerHangsThatAnswersNothingSinceItBeganToWork() {
        health.beginsToWork("w", 1000);
        long hung = 1000 + SETTINGS.noProgress().toMillis();

        assertThat(health.isHung("w", hung - 1)).isFalse();
        assertThat(health.isHung("w", hung)).isTrue();
        health.wentWell("w", 2000);
        assertThat(health.isHung("w", hung)).isFalse();
    }

    @Test
    void serviceTimesAreAveraged() {
        assertThat(health.meanServiceMillis("w")).isInfinite();
        health.served("w", 100);
        health.served("w", 200);
        health.served("stranger", 1);

        assertThat(health.meanServiceMillis("w")).isEqualTo(110);
    }
}
