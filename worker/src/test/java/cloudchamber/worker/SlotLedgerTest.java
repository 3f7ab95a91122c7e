package cloudchamber.worker;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.wire.SlotOffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlotLedgerTest {

    /** What a dispatcher knows of the worker: running totals, as the messages bring them. */
    private static final class Peer {
        private final String name;
        private long offered;
        private long taken;
        private long returned;

        Peer(String name) {
            this.name = name;
        }

        long held() {
            return offered - taken - returned;
        }
    }

    /**
     * A worker among dispatchers that take, answer, pass on and go out of sight, over a wire that repeats,
     * reorders and loses all but work and results.
     */
    private static final class World {
        private final CounterRandom random;
        private final int slots;
        private final SlotLedger<String> ledger;
        private final List<Peer> peers = new ArrayList<>();
        private final List<Runnable> wire = new ArrayList<>();
        private int running;

        World(long seed) {
            random = new CounterRandom(seed);
            slots = 1 + random.nextInt(8);
            ledger = new SlotLedger<>(slots);
            for (int peer = 0; peer < 1 + random.nextInt(3); peer++) {
                peers.add(new Peer("dispatcher-" + peer));
            }
        }

        void everyoneIsPresent() {
            ledger.dispatchers(peers.stream().map(peer -> peer.name).toList());
        }

        void act() {
            var peer = peers.get(random.nextInt(peers.size()));
            switch (random.nextInt(8)) {
                case 0, 1 -> take(peer);
                case 2, 3 -> finish();
                case 4 -> passOn(peer);
                case 5 -> send(() -> ledger.workAvailable(peer.name));
                case 6 -> renew(peer);
                default -> deliver();
            }
            offer();
        }

        void take(Peer peer) {
            if (peer.held() > 0) {
                peer.taken++;
                ledger.arrived(peer.name);
                running++;
            }
        }

        void finish() {
            if (running > 0) {
                running--;
                ledger.finished();
            }
        }

        private void passOn(Peer peer) {
            peer.returned += peer.held();
            long total = peer.returned;
            send(() -> ledger.passedOn(peer.name, total));
        }

        /** Says all totals again, both ways. */
        private void renew(Peer peer) {
            long offered = ledger.offered(peer.name);
            send(() -> peer.offered = Math.max(peer.offered, offered));
            long returned = peer.returned;
            send(() -> ledger.passedOn(peer.name, returned));
        }

        private void offer() {
            ledger.offer().forEach((dispatcher, offer) -> {
                var peer = peers.stream()
                        .filter(one -> one.name.equals(dispatcher))
                        .findFirst()
                        .orElseThrow();
                send(() -> peer.offered = Math.max(peer.offered, offer.slotsOffered()));
            });
            assertThat(ledger.free()).as("slots that may be offered").isNotNegative();
        }

        private void send(Runnable message) {
            for (int copies = random.nextInt(3); copies > 0; copies--) {
                wire.add(message);
            }
        }

        private void deliver() {
            if (!wire.isEmpty()) {
                wire.remove(random.nextInt(wire.size())).run();
            }
        }

        /** All that is on its way arrives, then all totals are said once more. */
        void settle() {
            while (!wire.isEmpty()) {
                deliver();
            }
            for (var peer : peers) {
                peer.offered = Math.max(peer.offered, ledger.offered(peer.name));
                ledger.passedOn(peer.name, peer.returned);
            }
        }

        long held() {
            return peers.stream().mapToLong(Peer::held).sum();
        }
    }

    @Test
    void slotIsNeverOfferedTwiceAndNoneIsLostWhateverTheWireDoes() {
        for (long seed = 0; seed < 300; seed++) {
            var world = new World(seed);
            world.everyoneIsPresent();
            for (int turn = 0; turn < 200; turn++) {
                world.act();
                assertThat(world.held() + world.running)
                        .as("slots in use, seed %d", seed)
                        .isLessThanOrEqualTo(world.slots);
            }

            world.settle();

            assertThat(world.held() + world.running + world.ledger.free())
                    .as("all slots, seed %d", seed)
                    .isEqualTo(world.slots);
        }
    }

    /** An unreachable dispatcher looks gone and comes back as the same: it has not forgotten the totals. */
    @Test
    void dispatcherThatComesBackGoesOnFromItsTotals() {
        var ledger = new SlotLedger<String>(4);
        ledger.dispatchers(List.of("a"));
        assertThat(ledger.offer()).containsExactly(Map.entry("a", new SlotOffer(4, true)));
        for (int request = 0; request < 4; request++) {
            ledger.arrived("a");
            ledger.finished();
        }
        assertThat(ledger.offer()).containsExactly(Map.entry("a", new SlotOffer(8, true)));

        ledger.dispatchers(List.of());
        assertThat(ledger.offer()).isEmpty();
        ledger.dispatchers(List.of("a"));

        assertThat(ledger.offered("a")).isEqualTo(8);
        assertThat(ledger.received("a")).isEqualTo(4);
        assertThat(ledger.offer()).as("it still has four slots").isEmpty();
    }

    @Test
    void slotsOfADispatcherThatIsGoneGoToTheOthersAndAreNotOfferedTwiceWhenItReturns() {
        var ledger = new SlotLedger<String>(4);
        ledger.dispatchers(List.of("a", "b"));
        assertThat(ledger.offer())
                .containsExactly(Map.entry("a", new SlotOffer(2, false)), Map.entry("b", new SlotOffer(2, false)));

        ledger.dispatchers(List.of("b"));
        assertThat(ledger.offer()).containsExactly(Map.entry("b", new SlotOffer(4, true)));
        ledger.dispatchers(List.of("a", "b"));

        assertThat(ledger.offer()).isEmpty();
        ledger.passedOn("b", 2);
        assertThat(ledger.offer()).as("a still has the two").isEmpty();
        ledger.passedOn("a", 2);
        ledger.workAvailable("b");
        assertThat(ledger.offer()).containsExactly(Map.entry("b", new SlotOffer(6, false)));
    }

    @Test
    void rotationIsFairAmongThoseThatAreAwake() {
        for (int dispatchers = 1; dispatchers <= 4; dispatchers++) {
            var ledger = new SlotLedger<Integer>(3);
            var present = new ArrayList<Integer>();
            for (int dispatcher = 0; dispatcher < dispatchers; dispatcher++) {
                present.add(dispatcher);
            }
            ledger.dispatchers(present);
            Map<Integer, Long> offered = new HashMap<>();
            for (int turn = 0; turn < 100; turn++) {
                ledger.offer().forEach((dispatcher, offer) -> {
                    long before = offered.getOrDefault(dispatcher, 0L);
                    offered.put(dispatcher, offer.slotsOffered());
                    for (long slot = before; slot < offer.slotsOffered(); slot++) {
                        ledger.arrived(dispatcher);
                        ledger.finished();
                    }
                });
                long most = offered.values().stream().max(Long::compare).orElseThrow();
                long fewest = present.stream()
                        .mapToLong(one -> offered.getOrDefault(one, 0L))
                        .min()
                        .orElseThrow();
                assertThat(most - fewest).isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void slotsStayHereWhileEveryDispatcherSleepsAndGoToTheOneThatWakes() {
        var ledger = new SlotLedger<String>(2);
        ledger.dispatchers(List.of("a", "b"));
        ledger.offer();

        ledger.passedOn("a", 1);
        assertThat(ledger.offer()).containsExactly(Map.entry("b", new SlotOffer(2, false)));
        ledger.passedOn("b", 2);
        assertThat(ledger.offer()).isEmpty();
        assertThat(ledger.free()).isEqualTo(2);
        ledger.workAvailable("a");

        assertThat(ledger.offer()).containsExactly(Map.entry("a", new SlotOffer(3, false)));
    }

    @Test
    void singleDispatcherKeepsItsSlotsEvenIfItPassedOnBefore() {
        var ledger = new SlotLedger<String>(2);
        ledger.dispatchers(List.of("a", "b"));
        ledger.offer();
        ledger.passedOn("a", 1);

        ledger.dispatchers(List.of("a"));

        assertThat(ledger.keep()).isTrue();
        assertThat(ledger.offer()).containsExactly(Map.entry("a", new SlotOffer(3, true)));
    }
}
