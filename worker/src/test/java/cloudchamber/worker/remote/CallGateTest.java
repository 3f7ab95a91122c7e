package cloudchamber.worker.remote;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.worker.remote.VllmLaw.Request;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** The slots of a server are kept full, whoever else uses it, and it is left alone when it asks for that. */
class CallGateTest {
    private static final int SEQUENCES = 16;
    private static final int SLOTS = 64;
    private static final int TOKENS = 24;
    private static final double WATCH_MILLIS = 2000;
    private static final double NANOS_A_MILLI = 1e6;
    private static final String OURS = "ours";
    private static final String OTHER = "other";

    /** A client with more work than slots in front of the server, beside another client that keeps so many out. */
    private static final class World {
        private final VllmLaw server;
        private final CallGate gate = new CallGate(SLOTS);
        private final CounterRandom random = new CounterRandom(1);
        private final Map<Request, Long> sentNanos = new HashMap<>();
        private Optional<ServerLoad> before = Optional.empty();
        private double nextWatchMillis;
        private int othersOut;
        private int othersWant;
        private boolean works = true;
        private int most = Integer.MAX_VALUE;
        private int number;
        private int decreases;
        private int returned;
        private int least = SLOTS;

        World(VllmLaw server) {
            this.server = server;
        }

        private long nanos() {
            return (long) (server.nowMillis() * NANOS_A_MILLI);
        }

        /** Runs for a time; returns the mean of our calls that ran, and of our share of all calls out. */
        double[] run(double millis) {
            double end = server.nowMillis() + millis;
            double ran = 0;
            double share = 0;
            double passed = 0;
            while (server.nowMillis() < end) {
                send();
                double at = server.nowMillis();
                double ours = server.running(OURS);
                double part = server.out() == 0 ? 0 : (double) gate.running() / server.out();
                server.step().forEach(this::ended);
                double step = server.nowMillis() - at;
                ran += step * ours;
                share += step * part;
                passed += step;
                watch();
            }
            return new double[] {ran / passed / SEQUENCES, share / passed};
        }

        private void send() {
            for (int full = 0; works && full < SLOTS && gate.enter(nanos()) instanceof CallGate.Entry.Go; full++) {
                if (server.out() >= most) {
                    int slots = gate.slots();
                    gate.failed(Category.OVERLOADED, Optional.empty(), nanos(), nanos());
                    note(slots);
                    return;
                }
                var request = request(OURS);
                sentNanos.put(request, nanos());
                server.add(request);
            }
            for (; othersOut < othersWant; othersOut++) {
                server.add(request(OTHER));
            }
        }

        private Request request(String client) {
            int tokens = TOKENS / 2 + random.nextInt(TOKENS);
            return new Request(client, client + number++ / 8, 100, tokens, server.nowMillis());
        }

        private void ended(Request request) {
            if (request.client.equals(OURS)) {
                returned++;
                gate.succeeded(sentNanos.remove(request));
            } else {
                othersOut--;
            }
        }

        private void watch() {
            if (server.nowMillis() >= nextWatchMillis) {
                nextWatchMillis = server.nowMillis() + WATCH_MILLIS;
                var load = ServerLoad.of(server.metrics());
                int slots = gate.slots();
                gate.observed(load.orElseThrow(), before.orElse(load.get()), nanos());
                note(slots);
                before = load;
            }
        }

        private void note(int slotsBefore) {
            if (gate.slots() < slotsBefore) {
                decreases++;
            }
            least = Math.min(least, gate.slots());
        }
    }

    private static VllmLaw server() {
        return new VllmLaw(SEQUENCES, Long.MAX_VALUE, 10, .5);
    }

    @Test
    void aServerOfOurOwnIsKeptFull() {
        var world = new World(server());
        world.run(1000);

        assertThat(world.run(60_000)[0]).isGreaterThanOrEqualTo(.95);
    }

    /** The story: another client's crowd halved the window every two seconds, down to one call. */
    @Test
    void anotherClientsCrowdTakesItsShareAndNoMore() {
        var world = new World(server());
        world.othersWant = 2 * SEQUENCES;
        world.run(5000);
        var among = world.run(60_000);
        assertThat(among[0]).isGreaterThanOrEqualTo(.9 * among[1]);

        world.othersWant = 0;
        double roundTrip = SLOTS / (double) SEQUENCES * 1.5 * TOKENS * 18;
        world.run(3 * roundTrip);
        assertThat(world.run(20_000)[0]).isGreaterThanOrEqualTo(.95);
        assertThat(world.decreases).isZero();
    }

    @Test
    void nothingChangesWhileNothingOfOursIsOut() {
        var world = new World(new VllmLaw(SEQUENCES, 1000, 10, .5));
        world.works = false;
        world.othersWant = 3 * SEQUENCES;
        world.run(60_000);

        assertThat(world.gate.slots()).isEqualTo(SLOTS);
        assertThat(world.before.orElseThrow().preemptions())
                .as("its cache is too small")
                .isPositive();
    }

    /** Preemptions while calls of ours are out are overload; the server stays as full as its cache lets it be. */
    @Test
    void preemptionsNarrowTheWindowOnceARoundTripAndNotBelowWhatRuns() {
        var world = new World(new VllmLaw(SEQUENCES, 1000, 10, .5));
        world.run(60_000);

        assertThat(world.decreases).isPositive().isLessThan(world.returned);
        assertThat(world.least).isGreaterThanOrEqualTo(4);
        double alone = new World(new VllmLaw(SEQUENCES, 1000, 10, .5)).run(5000)[0];
        assertThat(world.run(60_000)[0]).isGreaterThanOrEqualTo(.9 * alone);
    }

    /** A server that refuses beyond its limit is kept at the limit. */
    @Test
    void refusalsNarrowTheWindowToWhatTheServerTakes() {
        var world = new World(server());
        world.most = SEQUENCES;
        world.run(10_000);

        assertThat(world.run(60_000)[0]).isGreaterThanOrEqualTo(.9);
        assertThat(world.least).isLessThan(SLOTS).isGreaterThanOrEqualTo(SEQUENCES / 2);
    }

    // ---- one sign after the other

    @Test
    void atMostOneDecreaseForEachRoundTrip() {
        var window = SlotWindow.open(16);
        for (int refusal = 0; refusal < 100; refusal++) {
            window = window.returned(-1).overloaded(0, refusal);
        }
        assertThat(window.slots()).as("all were sent before the first sign").isEqualTo(8);

        window = window.returned(50).overloaded(0, 200);
        assertThat(window.slots()).as("a call that was sent after it came back").isEqualTo(4);
        for (int round = 1; round < 10; round++) {
            window = window.returned(1000 * round).overloaded(3, 1000 * round + 500);
        }
        assertThat(window.slots())
                .as("never below what the server runs of ours")
                .isEqualTo(3);
    }

    @Test
    void afterADecreaseTheWindowDoublesEachRoundTripUpToWhereTheSignCame() {
        var window = SlotWindow.open(64).overloaded(0, 0).returned(1).overloaded(0, 2);
        assertThat(window.slots()).isEqualTo(16);
        for (int success = 0; success < 16; success++) {
            window = window.succeeded(true);
        }
        assertThat(window.slots()).as("a round trip").isEqualTo(32);
        for (int success = 0; success < 33; success++) {
            window = window.succeeded(true);
        }
        assertThat(window.slots()).as("one more for a window").isEqualTo(33);
        assertThat(window.succeeded(false)).isEqualTo(window);
        for (int success = 0; success < 10_000; success++) {
            window = window.succeeded(true);
        }
        assertThat(window.slots()).isEqualTo(64);
    }

    /** The story: 285 calls in 8 s to a server that had asked for a minute. */
    @Test
    void nobodyCallsAServerThatAskedToBeLeftAlone() {
        var gate = new CallGate(4);
        for (int call = 0; call < 4; call++) {
            gate.enter(0);
        }
        gate.failed(Category.OVERLOADED, Optional.of(Duration.ofSeconds(60)), 0, 1000);
        gate.failed(Category.OVERLOADED, Optional.of(Duration.ofSeconds(1)), 0, 2000);

        long until = 1000 + Duration.ofSeconds(60).toNanos();
        assertThat(gate.enter(until - 1)).isInstanceOfSatisfying(CallGate.Entry.Shut.class, shut -> {
            assertThat(shut.untilNanos()).isEqualTo(until);
            assertThat(shut.category()).isEqualTo(Category.OVERLOADED);
        });
        gate.succeeded(0);
        gate.succeeded(0);
        assertThat(gate.enter(until)).isEqualTo(new CallGate.Entry.Go(false));
    }

    @Test
    void aQueueIsNoOverloadAndPreemptionsAre() {
        var quiet = new ServerLoad(16, 0, 3, OptionalDouble.empty());
        assertThat(new ServerLoad(16, 900, 3, OptionalDouble.empty()).preemptedSince(quiet))
                .isFalse();
        assertThat(new ServerLoad(16, 0, 4, OptionalDouble.empty()).preemptedSince(quiet))
                .isTrue();
    }
}
