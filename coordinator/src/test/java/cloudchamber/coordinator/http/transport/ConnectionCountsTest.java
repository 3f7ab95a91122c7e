package cloudchamber.coordinator.http.transport;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.http.transport.ConnectionCounts.Fate;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConnectionCountsTest {
    private static final InetAddress CLIENT = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.2");
    private static final InetAddress PROXY = InetAddress.ofLiteral("192.0.2.9");
    private static final InetAddress OWN = InetAddress.ofLiteral("127.0.0.1");

    private final ConnectionCounts counts =
            new ConnectionCounts(new ConnectionLimits(10, 2, 3, Set.of(PROXY), Duration.ofSeconds(1)));

    @Test
    void oneAddressDoesNotTakeAll() {
        for (int connection = 0; connection < 3; connection++) {
            assertThat(counts.enter(CLIENT)).isEqualTo(Fate.SERVED);
        }
        assertThat(counts.enter(CLIENT)).isEqualTo(Fate.REFUSED);
        assertThat(counts.enter(OTHER)).isEqualTo(Fate.SERVED);
        counts.leave(CLIENT, Fate.SERVED);
        assertThat(counts.enter(CLIENT)).isEqualTo(Fate.SERVED);
    }

    @Test
    void proxiesAndThisMachineTakeAsManyAsThereAre() {
        for (int connection = 0; connection < 5; connection++) {
            assertThat(counts.enter(PROXY)).isEqualTo(Fate.SERVED);
            assertThat(counts.enter(OWN)).isEqualTo(Fate.SERVED);
        }
        assertThat(counts.enter(PROXY)).isEqualTo(Fate.REFUSED);
        assertThat(counts.enter(OWN)).isEqualTo(Fate.REFUSED);
        assertThat(counts.enter(OWN)).isEqualTo(Fate.CLOSED);
    }

    /** Whatever comes and goes: the limits hold, and nothing is left when all have gone. */
    @Test
    void countsNeverDrift() {
        var random = new Random(1);
        var open = new ArrayDeque<Fate>();
        int served = 0;
        for (int step = 0; step < 10_000; step++) {
            if (random.nextInt(3) > 0) {
                var fate = counts.enter(PROXY);
                open.add(fate);
                served += fate == Fate.SERVED ? 1 : 0;
            } else if (!open.isEmpty()) {
                var fate = open.remove();
                counts.leave(PROXY, fate);
                served -= fate == Fate.SERVED ? 1 : 0;
            }
            assertThat(served).isBetween(0, 10);
        }
        open.forEach(fate -> counts.leave(PROXY, fate));
        for (int connection = 0; connection < 10; connection++) {
            assertThat(counts.enter(PROXY)).isEqualTo(Fate.SERVED);
        }
    }
}
