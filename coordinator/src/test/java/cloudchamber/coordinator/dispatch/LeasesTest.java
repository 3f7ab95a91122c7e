package cloudchamber.coordinator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeasesTest {
    private static final long LEASE_MILLIS = 1500;

    private final Leases leases = new Leases(LEASE_MILLIS);
    private final FairQueues queues = new FairQueues(DispatchSettings.Order.OLDEST);
    private int arrivals;

    private Piece piece() {
        var work = Works.extension("p", arrivals);
        var piece = new Piece(work, 1, 1, 1, arrivals++, 0, 0, new PrefixHolders());
        queues.enqueue(piece);
        queues.jobOf(piece).lease(piece);
        return piece;
    }

    @Test
    void aLeaseExpiresUnlessItIsRenewed() {
        var kept = leases.grant(piece(), "w", 0);
        var lost = leases.grant(piece(), "w", 0);
        leases.renew("w", kept.id(), 1000);
        leases.renew("stranger", lost.id(), 1000);

        assertThat(leases.expired("w", LEASE_MILLIS - 1)).isEmpty();
        assertThat(leases.expired("w", LEASE_MILLIS)).containsExactly(lost.id());
        assertThat(leases.expired("w", 1000 + LEASE_MILLIS)).containsExactly(kept.id(), lost.id());
        assertThat(leases.of("w")).containsExactly(kept.id(), lost.id());
        assertThat(leases.heldMillis(kept.id(), 700)).isEqualTo(700);
    }

    @Test
    void aLeaseEndsOnceAndGivesItsShareBack() {
        var lease = leases.grant(piece(), "w", 0);
        var queue = queues.jobOf(lease.piece());
        assertThat(queue.isIdle()).isFalse();

        assertThat(leases.end(lease.id())).isSameAs(lease);
        assertThat(leases.end(lease.id())).isNull();
        assertThat(queue.isIdle()).isTrue();
        assertThat(leases.count("w")).isZero();
        assertThat(leases.heldMillis(lease.id(), 700)).isZero();
    }

    @Test
    void lateResultsAreAwaitedOfOpenWorkWhoseLeaseEndedForSilence() {
        var lease = leases.grant(piece(), "w", 0);
        assertThat(leases.nobodyWaitsFor(lease.id(), key -> true)).isFalse();
        leases.rememberOverdue(lease.id());
        leases.end(lease.id());

        assertThat(leases.nobodyWaitsFor(lease.id(), key -> true)).isFalse();
        assertThat(leases.nobodyWaitsFor(lease.id(), key -> false)).isTrue();
        assertThat(leases.isFirstAnswer(lease.id())).isTrue();
        assertThat(leases.isFirstAnswer(lease.id())).isFalse();
        assertThat(leases.nobodyWaitsFor(lease.id(), key -> true)).isTrue();
    }
}
