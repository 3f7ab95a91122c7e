package cloudchamber.coordinator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.dispatch.Works.Request;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.protocol.wire.WorkerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/**
 * Dispatchers and workers in simulated time, over a wire that loses, repeats, delays and reorders; workers
 * refuse, die and are replaced. Everything is drawn from one seed. What must always hold is checked after
 * every event.
 */
final class DispatchWorld {
    static final DispatchSettings SETTINGS = new DispatchSettings(
            Duration.ofMillis(1500),
            8,
            Duration.ofMinutes(10),
            Duration.ofMillis(100),
            Duration.ofSeconds(5),
            10_000,
            DispatchSettings.Order.OLDEST,
            30_000,
            Duration.ofSeconds(30),
            Duration.ofSeconds(5));

    private static final int TICK_MILLIS = 50;
    private static final int RENEWAL_MILLIS = 300;
    private static final int MAX_DELAY_MILLIS = 40;

    /**
     * How bad things are.
     *
     * @param loss of a message, as a probability
     * @param repeat of a message other than work, as a probability: the transport itself repeats nothing
     * @param refusal of a request, as a probability
     * @param death of a worker within a renewal, as a probability
     */
    record Trouble(double loss, double repeat, double refusal, double death) {
        static final Trouble NONE = new Trouble(0, 0, 0, 0);
    }

    private record Event(long atMillis, long order, Runnable happening) {}

    private final CounterRandom random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atMillis).thenComparingLong(Event::order));
    final List<Node> nodes = new ArrayList<>();
    final List<FakeWorker> workers = new ArrayList<>();
    Trouble trouble;
    private long nowMillis;
    private long nextEvent;
    private int born;

    DispatchWorld(long seed, int dispatchers, Trouble trouble) {
        this.random = new CounterRandom(seed);
        this.trouble = trouble;
        for (int node = 0; node < dispatchers; node++) {
            nodes.add(new Node("node-" + node));
        }
    }

    // ---- time and wire

    long nowMillis() {
        return nowMillis;
    }

    void at(long atMillis, Runnable happening) {
        events.add(new Event(atMillis, nextEvent++, happening));
    }

    private void after(long millis, Runnable happening) {
        at(nowMillis + millis, happening);
    }

    /** Lets time pass until {@code atMillis}. */
    void runUntil(long atMillis) {
        while (!events.isEmpty() && events.peek().atMillis() <= atMillis) {
            var event = events.poll();
            nowMillis = event.atMillis();
            event.happening().run();
            workers.forEach(FakeWorker::check);
        }
        nowMillis = atMillis;
    }

    private void send(boolean mayRepeat, Runnable message) {
        if (random.nextDouble() >= trouble.loss()) {
            after(1 + random.nextInt(MAX_DELAY_MILLIS), message);
        }
        if (mayRepeat && random.nextDouble() < trouble.repeat()) {
            after(1 + random.nextInt(MAX_DELAY_MILLIS), message);
        }
    }

    // ---- a coordinator's node

    /** A dispatcher, the problems that use it, and what it knows of references to workers. */
    final class Node {
        private final String name;
        final DispatchCore core = new DispatchCore(SETTINGS, Placement.leastCost());
        final Map<StepKey, Work> asked = new LinkedHashMap<>();
        final Map<StepKey, WorkResult> ended = new LinkedHashMap<>();
        private final Map<StepKey, Integer> attempts = new HashMap<>();
        private final Map<String, FakeWorker> references = new HashMap<>();

        Node(String name) {
            this.name = name;
            after(TICK_MILLIS, this::tick);
        }

        void submit(List<? extends Work> works, long order) {
            works.forEach(work -> asked.put(work.key(), work));
            perform(core.submit(works, order, 1, nowMillis));
        }

        boolean done() {
            return ended.size() == asked.size();
        }

        private void tick() {
            perform(core.tick(nowMillis));
            after(TICK_MILLIS, this::tick);
        }

        private void announced(FakeWorker worker) {
            if (worker.alive) {
                references.put(worker.id, worker);
                perform(core.announce(worker.announcement, nowMillis));
            }
        }

        private void left(FakeWorker worker) {
            references.remove(worker.id);
            perform(core.leave(worker.id, nowMillis));
        }

        private void perform(List<DispatchEffect> effects) {
            for (var effect : effects) {
                switch (effect) {
                    case DispatchEffect.SendExtend(var worker, var requests) ->
                        give(worker, requests.stream().map(Request::of).toList());
                    case DispatchEffect.SendScore(var worker, var requests) ->
                        give(worker, requests.stream().map(Request::of).toList());
                    case DispatchEffect.Deliver(var result) -> deliver(result);
                    case DispatchEffect.PassOn(var worker, var returned) ->
                        send(true, () -> worker(worker).passedOn(this, returned));
                    case DispatchEffect.TellWorkAvailable(var worker) ->
                        send(true, () -> worker(worker).workAvailable(this));
                    case DispatchEffect.TellEjected ejected -> {}
                    case DispatchEffect.TellTakenBack takenBack -> {}
                    case DispatchEffect.CancelLeases(var worker, var leases) ->
                        send(true, () -> worker(worker).cancelled(this, leases));
                }
            }
        }

        /** A retry is the same request with the next attempt number, for a worker that serves the model. */
        private void give(String worker, List<Request> requests) {
            for (var request : requests) {
                var key = request.key().step();
                assertThat(ended).as("work already delivered").doesNotContainKey(key);
                assertThat(request.key().attempt()).isEqualTo(attempts.merge(key, 1, Integer::sum));
                assertThat(request.model())
                        .isEqualTo(worker(worker).announcement.model());
                if (request.extend() != null) {
                    assertThat(request.extend().seed()).isEqualTo(Works.seed(key));
                }
            }
            send(false, () -> worker(worker).received(this, requests));
        }

        private void deliver(WorkResult result) {
            switch (result) {
                case WorkResult.Extended(var key, var step, var usage, var numericsClass, var slotMillis) -> {
                    assertThat(step).isEqualTo(Works.step(Works.seed(key)));
                    end(result);
                }
                case WorkResult.Scored(var key, var logOdds, var usage, var numericsClass, var slotMillis) -> {
                    assertThat(logOdds).isEqualTo(Works.logOdds(key));
                    end(result);
                }
                case WorkResult.Failed(var key, var refusal, var tries) -> {
                    assertThat(tries).isEqualTo(attempts.get(key));
                    end(result);
                }
                case WorkResult.Wasted wasted -> {}
            }
        }

        private void end(WorkResult result) {
            assertThat(asked).containsKey(result.key());
            assertThat(ended.put(result.key(), result))
                    .as("an earlier result of the same work")
                    .isNull();
        }

        private FakeWorker worker(String id) {
            return workers.stream()
                    .filter(worker -> worker.id.equals(id))
                    .findFirst()
                    .orElseThrow();
        }
    }

    // ---- a worker

    FakeWorker startWorker(Role role, int slots) {
        var worker = new FakeWorker(role, slots);
        workers.add(worker);
        return worker;
    }

    /** The worker's side of the protocol, its slot accounts included. */
    final class FakeWorker {
        private final class Account {
            private long offered;
            private long received;
            private long returned;
            private boolean asleep;
        }

        private record Lease(Node node, long id) {}

        final String id;
        final WorkerAnnouncement announcement;
        private final int slots;
        private final Map<Node, Account> accounts = new LinkedHashMap<>();
        private final Map<Lease, Request> running = new LinkedHashMap<>();
        private boolean alive = true;
        private int turn;

        /** The most requests it ran at once since this was last set to 0. */
        int peak;

        FakeWorker(Role role, int slots) {
            this.id = role.id() + "-" + born++;
            this.slots = slots;
            this.announcement = Works.worker(id, role, slots);
            for (var node : nodes) {
                accounts.put(node, new Account());
                send(true, () -> node.announced(this));
            }
            offer();
            after(random.nextInt(RENEWAL_MILLIS), this::renew);
        }

        void check() {
            assertThat(running.size()).as("requests %s runs at once", id).isLessThanOrEqualTo(slots);
        }

        private void received(Node node, List<Request> requests) {
            if (!alive) {
                return;
            }
            for (var request : requests) {
                accounts.get(node).received++;
                var lease = new Lease(node, request.lease());
                running.put(lease, request);
                peak = Math.max(peak, running.size());
                boolean refused = random.nextDouble() < trouble.refusal();
                after(refused ? 1 : 20 + random.nextInt(400), () -> finish(lease, refused));
            }
        }

        private void finish(Lease lease, boolean refused) {
            var request = running.remove(lease);
            if (alive && request != null) {
                if (request.extend() != null) {
                    var result = refused
                            ? Works.refusal(request.extend(), Refusal.Category.OVERLOADED)
                            : Works.answer(request.extend());
                    send(
                            true,
                            () -> lease.node()
                                    .perform(lease.node().core.extended(id, List.of(result), null, nowMillis)));
                } else {
                    var result = refused
                            ? Works.refusal(request.score(), Refusal.Category.OVERLOADED)
                            : Works.answer(request.score());
                    send(
                            true,
                            () -> lease.node().perform(lease.node().core.scored(id, List.of(result), null, nowMillis)));
                }
                offer();
            }
        }

        private void cancelled(Node node, List<Long> leases) {
            leases.forEach(lease -> finish(new Lease(node, lease), true));
        }

        private void passedOn(Node node, long returned) {
            var account = accounts.get(node);
            if (returned > account.returned) {
                account.returned = returned;
                account.asleep = true;
            }
            offer();
        }

        private void workAvailable(Node node) {
            accounts.get(node).asleep = false;
            offer();
        }

        private void offer() {
            if (!alive) {
                return;
            }
            var awake = nodes.stream()
                    .filter(node -> keep() || !accounts.get(node).asleep)
                    .toList();
            long free = slots - running.size();
            for (var account : accounts.values()) {
                free -= Math.max(0, account.offered - account.received - account.returned);
            }
            for (; free > 0 && !awake.isEmpty(); free--) {
                var node = awake.get(turn++ % awake.size());
                long offered = ++accounts.get(node).offered;
                send(true, () -> node.perform(node.core.offer(id, offered, keep(), nowMillis)));
            }
        }

        private boolean keep() {
            return nodes.size() == 1;
        }

        private void renew() {
            if (!alive) {
                return;
            }
            if (random.nextDouble() < trouble.death()) {
                die();
                return;
            }
            for (var node : nodes) {
                renew(node);
            }
            after(RENEWAL_MILLIS, this::renew);
        }

        private void renew(Node node) {
            var account = accounts.get(node);
            long offered = account.offered;
            long returned = account.returned;
            long received = account.received;
            var held = running.keySet().stream()
                    .filter(lease -> lease.node() == node)
                    .map(Lease::id)
                    .toList();
            var status = new WorkerStatus(running.size(), 0, 0, 0, 0, 0, "", 0, false);
            send(true, () -> {
                if (node.core.knows(id)) {
                    node.perform(node.core.renew(id, offered, returned, received, keep(), held, status, nowMillis));
                } else {
                    send(true, () -> send(true, () -> node.announced(this)));
                }
            });
        }

        /** Dies with all it holds; a dispatcher is told later, or much later. Another one takes its place. */
        private void die() {
            alive = false;
            running.clear();
            for (var node : nodes) {
                after(random.nextInt(6000), () -> node.left(this));
            }
            after(random.nextInt(1000), () -> startWorker(announcement.role(), slots));
        }
    }

    /** What waits at a node, by model. */
    Map<String, Integer> waiting(Node node) {
        var waiting = new TreeMap<>(node.core.waitingByModel(Role.POLICY));
        waiting.putAll(node.core.waitingByModel(Role.PRM));
        return waiting;
    }

    Set<StepKey> open(Node node) {
        var open = new LinkedHashSet<>(node.asked.keySet());
        open.removeAll(node.ended.keySet());
        return open;
    }
}
