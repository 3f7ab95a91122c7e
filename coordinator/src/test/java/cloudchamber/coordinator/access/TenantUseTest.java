package cloudchamber.coordinator.access;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.access.TenantUse.Decision;
import cloudchamber.coordinator.access.TenantUse.Limited;
import cloudchamber.protocol.model.CounterRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What a tenant may use, by the laws of a token bucket. */
class TenantUseTest {
    private static final long MINUTE = 60_000;

    private static RandomGenerator random() {
        var random = new CounterRandom(11);
        return random::nextLong;
    }

    /** In any time no more is admitted than the bucket holds and gets, and hardly less if more is asked for. */
    @Test
    void asManyRequestsAreAdmittedAsTheRateSays() {
        var limit = new TenantLimit(120, 0, 0);
        var random = random();
        var use = TenantUse.none(limit, 0);
        long now = 0;
        long admitted = 0;
        while (now < 10 * MINUTE) {
            now += random.nextLong(200);
            var decided = use.admit(limit, false, now);
            use = decided.after();
            if (decided.decision() instanceof Decision.Admitted) {
                admitted++;
                use = use.released();
            }
            assertThat(admitted).isLessThanOrEqualTo(120 + now * 120 / MINUTE);
        }
        assertThat(admitted).isGreaterThanOrEqualTo(120 + 10 * 120 - 1);
    }

    @Test
    void whoComesAgainWhenToldIsAdmittedAndNotBefore() {
        var limit = new TenantLimit(7, 0, 0);
        var use = TenantUse.none(limit, 0);
        for (int request = 0; request < 7; request++) {
            use = use.admit(limit, false, 0).after().released();
        }
        var refused = (Decision.Refused) use.admit(limit, false, 0).decision();

        assertThat(refused.by()).isEqualTo(Limited.REQUESTS);
        assertThat(use.admit(limit, false, refused.retryMillis() - 1).decision())
                .isInstanceOf(Decision.Refused.class);
        assertThat(use.admit(limit, false, refused.retryMillis()).decision()).isInstanceOf(Decision.Admitted.class);
    }

    @Test
    void whatIsRefusedCountsForNothing() {
        var limit = new TenantLimit(100, 0, 1);
        var use = TenantUse.none(limit, 0).admit(limit, false, 0).after();
        for (int again = 0; again < 50; again++) {
            var decided = use.admit(limit, false, 0);
            assertThat(((Decision.Refused) decided.decision()).by()).isEqualTo(Limited.IN_FLIGHT);
            use = decided.after();
        }

        assertThat(use.inFlight()).isEqualTo(1);
        assertThat(use.requests().level()).isEqualTo(99);
        assertThat(use.released().admit(limit, false, 0).decision()).isInstanceOf(Decision.Admitted.class);
    }

    @Test
    void tokensThatWereSpentComeBackAndHoldUpOnlyWhatSpends() {
        var limit = new TenantLimit(0, 1000, 0);
        var use = TenantUse.none(limit, 0).spent(limit, 1500, 0);

        assertThat(use.admit(limit, false, 0).decision()).isInstanceOf(Decision.Admitted.class);
        var refused = (Decision.Refused) use.admit(limit, true, 0).decision();
        assertThat(refused.by()).isEqualTo(Limited.TOKENS);
        assertThat(refused.retryMillis()).isEqualTo(501 * MINUTE / 1000);
        assertThat(use.admit(limit, true, refused.retryMillis()).decision()).isInstanceOf(Decision.Admitted.class);
    }

    @Test
    void aClockThatGoesBackGivesNothing() {
        var rate = new Bucket.Rate(60);
        var empty = Bucket.full(rate, 10 * MINUTE).without(60);

        assertThat(empty.at(rate, 5 * MINUTE).level()).isZero();
        assertThat(empty.at(rate, 5 * MINUTE).at(rate, 6 * MINUTE).level()).isEqualTo(60);
    }

    @Test
    void withoutLimitsEverythingIsAdmitted() {
        var use = TenantUse.none(TenantLimit.NONE, 0);
        for (int request = 0; request < 1000; request++) {
            var decided = use.admit(TenantLimit.NONE, true, 0);
            assertThat(decided.decision()).isInstanceOf(Decision.Admitted.class);
            use = decided.after();
        }
        assertThat(use.inFlight()).isEqualTo(1000);
    }
}
