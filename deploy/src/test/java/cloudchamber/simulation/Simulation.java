package cloudchamber.simulation;

import cloudchamber.coordinator.dispatch.DispatchCore;
import cloudchamber.coordinator.dispatch.DispatchEffect;
import cloudchamber.coordinator.dispatch.DispatchSettings;
import cloudchamber.coordinator.dispatch.Placement;
import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.coordinator.problem.ProblemEvent;
import cloudchamber.coordinator.problem.ProblemMachine;
import cloudchamber.coordinator.problem.ProblemMachine.Reaction;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.coordinator.problem.ProblemState;
import cloudchamber.policy.PolicyWorker;
import cloudchamber.policy.simulated.SimulatedPolicy;
import cloudchamber.prm.PrmWorker;
import cloudchamber.prm.simulated.SimulatedPrm;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.protocol.wire.SlotOffer;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.worker.Backend;
import cloudchamber.worker.Requests;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.SimulatedLatency;
import cloudchamber.worker.WorkerCore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Function;

/**
 * A whole cluster in one thread and simulated time: the shipped dispatcher, problem and worker machines with
 * simulated models, over a wire, a journal and nodes that fail as a seed says. The same seed fails the same way.
 */
final class Simulation {
    private static final String JOB = "job";
    private static final String MODEL = "hmm";
    private static final long TROUBLE_MILLIS = 12_000;
    private static final long LIMIT_MILLIS = 120_000;
    private static final int TICK_MILLIS = 50;
    private static final int RENEWAL_MILLIS = 300;
    private static final DispatchSettings SETTINGS = new DispatchSettings(
            Duration.ofMillis(1500),
            20,
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            10_000,
            DispatchSettings.Order.OLDEST,
            1000,
            Duration.ofSeconds(8),
            Duration.ofSeconds(1));

    /** What may go wrong. */
    enum Fault {
        MESSAGE_LOST,
        MESSAGE_REPEATED,
        MESSAGE_OVERTAKEN,
        REQUEST_REFUSED,
        BACKEND_HANGS,
        WORKER_KILLED,
        WORKER_DRAINED,
        COORDINATOR_KILLED,
        COORDINATOR_PAUSED,
        WRITE_SLOW,
        WRITE_LOST,
        WRITE_REJECTED
    }

    /** Mistakes one could make; the invariants must find each. */
    enum Bug {
        NONE,
        /** A retry draws anew. */
        RETRY_WITH_ANOTHER_SEED,
        /** The journal takes an append from a writer that does not know the last one. */
        APPEND_WITHOUT_FENCE,
        /** A problem goes on before its event is durable. */
        ACKNOWLEDGED_BEFORE_DURABLE,
        /** Leases are not ended when they are not renewed. */
        LEASES_NEVER_END,
        /** A reply is matched by its slot, whatever its round. */
        REPLY_OF_ANOTHER_ROUND
    }

    private record Event(long atMillis, long order, Runnable happening) {}

    private final CounterRandom random;
    private final Bug bug;
    private final FiniteLanguage language;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atMillis).thenComparingLong(Event::order));
    private final Map<String, ProblemSpecification> problems = new LinkedHashMap<>();
    private final Map<String, Coordinator> owners = new LinkedHashMap<>();
    private final List<Coordinator> coordinators = new ArrayList<>();
    private final List<SimulatedWorker<?, ?>> workers = new ArrayList<>();
    final Journal journal;
    final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    private boolean trouble;
    private long nowMillis;
    private long nextEvent;
    private int born;

    /** @param troubled whether anything goes wrong at all */
    Simulation(long seed, List<ProblemSpecification> problems, FiniteLanguage language, boolean troubled, Bug bug) {
        this.random = new CounterRandom(seed);
        this.bug = bug;
        this.language = language;
        this.trouble = troubled;
        this.journal = new Journal(problems);
        for (var problem : problems) {
            this.problems.put(problem.problem(), problem);
        }
    }

    // ---- time

    /** Runs until every problem has ended and all is quiet, and says how long that took. */
    long run() {
        int nodes = 2 + random.nextInt(2);
        for (int node = 0; node < nodes; node++) {
            startCoordinator();
        }
        for (int worker = 0; worker < 2; worker++) {
            startPolicy();
            startPrm();
        }
        for (var name : problems.keySet()) {
            after(random.nextInt(2000), () -> assign(name));
        }
        if (trouble) {
            after(1000, this::calamity);
        }
        while (!journal.allEnded() || trouble) {
            var event = events.poll();
            nowMillis = event.atMillis();
            if (nowMillis > LIMIT_MILLIS) {
                throw new AssertionError("I9: a problem has not ended " + (LIMIT_MILLIS - TROUBLE_MILLIS)
                        + " ms after the last fault: " + journal.open());
            }
            event.happening().run();
            workers.forEach(SimulatedWorker::check);
            journal.check();
            if (trouble && nowMillis >= TROUBLE_MILLIS) {
                trouble = false;
            }
        }
        return nowMillis;
    }

    private void after(long millis, Runnable happening) {
        events.add(new Event(nowMillis + millis, nextEvent++, happening));
    }

    private boolean goesWrong(Fault fault, double probability) {
        boolean wrong = trouble && random.nextDouble() < probability;
        if (wrong) {
            faults.merge(fault, 1, Integer::sum);
        }
        return wrong;
    }

    /** Every second or so something large may break. */
    private void calamity() {
        if (!trouble) {
            return;
        }
        if (goesWrong(Fault.WORKER_KILLED, .2)) {
            pick(workers.stream().filter(worker -> worker.alive).toList()).die();
        }
        if (goesWrong(Fault.WORKER_DRAINED, .1)) {
            pick(workers.stream().filter(worker -> worker.alive).toList()).drain();
        }
        var up =
                coordinators.stream().filter(node -> node.alive && !node.paused).toList();
        if (up.size() > 1 && goesWrong(Fault.COORDINATOR_KILLED, .15)) {
            pick(up).die();
        } else if (up.size() > 1 && goesWrong(Fault.COORDINATOR_PAUSED, .15)) {
            pick(up).pause();
        }
        after(300 + random.nextInt(1000), this::calamity);
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private void send(Runnable message) {
        if (!goesWrong(Fault.MESSAGE_LOST, .05)) {
            after(delay(), message);
        }
        if (goesWrong(Fault.MESSAGE_REPEATED, .05)) {
            after(delay() + random.nextInt(400), message);
        }
    }

    private long delay() {
        return 1 + (goesWrong(Fault.MESSAGE_OVERTAKEN, .05) ? random.nextInt(2000) : random.nextInt(5));
    }

    // ---- coordinators

    private void startCoordinator() {
        var node = new Coordinator("coordinator-" + born++);
        coordinators.add(node);
        after(TICK_MILLIS, node::tick);
        tellWorkers();
    }

    /** What cluster sharding does: a problem lives on one node that is there, or thought to be. */
    private void assign(String problem) {
        var up =
                coordinators.stream().filter(node -> node.alive && !node.paused).toList();
        if (up.isEmpty()) {
            after(100, () -> assign(problem));
            return;
        }
        var node = pick(up);
        owners.put(problem, node);
        node.entities.put(problem, new Entity(node, problems.get(problem)));
        node.entities.get(problem).recover();
    }

    private void tellWorkers() {
        for (var worker : workers) {
            after(random.nextInt(500), worker::meetDispatchers);
        }
    }

    private final class Coordinator implements Comparable<Coordinator> {
        private final String name;
        private final DispatchCore core = new DispatchCore(SETTINGS, Placement.leastCost());
        private final Map<String, Entity> entities = new LinkedHashMap<>();
        private final Map<String, SimulatedWorker<?, ?>> references = new LinkedHashMap<>();
        private final List<Runnable> missed = new ArrayList<>();
        private boolean alive = true;
        private boolean paused;

        Coordinator(String name) {
            this.name = name;
        }

        /** Nothing happens on a node that is dead; on one that is paused it happens later. */
        void receive(Runnable happening) {
            if (paused) {
                missed.add(happening);
            } else if (alive) {
                happening.run();
            }
        }

        private void tick() {
            receive(() -> {
                if (bug != Bug.LEASES_NEVER_END) {
                    perform(core.tick(nowMillis));
                }
                after(TICK_MILLIS, this::tick);
            });
        }

        void die() {
            alive = false;
            paused = false;
            missed.clear();
            moveProblems();
            after(500 + random.nextInt(2000), Simulation.this::startCoordinator);
            tellWorkers();
        }

        /** As a long collection of garbage: others take its problems, and it comes back thinking they are its. */
        void pause() {
            paused = true;
            boolean thoughtDead = random.nextBoolean();
            if (thoughtDead) {
                moveProblems();
            }
            after(500 + random.nextInt(3000), () -> {
                if (alive) {
                    paused = false;
                    var late = List.copyOf(missed);
                    missed.clear();
                    late.forEach(happening -> receive(happening));
                    if (thoughtDead) {
                        after(random.nextInt(1000), () -> {
                            if (alive) {
                                die();
                            }
                        });
                    }
                }
            });
        }

        private void moveProblems() {
            owners.forEach((problem, owner) -> {
                if (owner == this) {
                    after(200 + random.nextInt(2000), () -> {
                        if (owners.get(problem) == this) {
                            assign(problem);
                        }
                    });
                }
            });
        }

        void perform(List<DispatchEffect> effects) {
            for (var effect : effects) {
                switch (effect) {
                    case DispatchEffect.SendExtend(var worker, var requests) -> {
                        var sent = requests.stream().map(this::sent).toList();
                        references.get(worker).receiveExtensions(this, sent);
                    }
                    case DispatchEffect.SendScore(var worker, var requests) ->
                        references.get(worker).receiveScorings(this, requests);
                    case DispatchEffect.Deliver(var result) -> deliver(result);
                    case DispatchEffect.PassOn(var worker, var returned) ->
                        references.get(worker).hearPassOn(this, returned);
                    case DispatchEffect.TellWorkAvailable(var worker) ->
                        references.get(worker).hearWorkAvailable(this);
                    case DispatchEffect.CancelLeases(var worker, var leases) ->
                        references.get(worker).hearCancel(this, leases);
                    case DispatchEffect.TellEjected ejected -> {}
                    case DispatchEffect.TellTakenBack takenBack -> {}
                }
            }
        }

        private ExtendRequest sent(ExtendRequest request) {
            return bug == Bug.RETRY_WITH_ANOTHER_SEED && request.key().attempt() > 1
                    ? new ExtendRequest(
                            request.key(),
                            request.lease(),
                            request.model(),
                            request.prompt(),
                            request.parent(),
                            request.prefix(),
                            request.sampling(),
                            request.seed() + request.key().attempt(),
                            request.stops(),
                            request.maxStepTokens(),
                            request.maxTokens(),
                            request.node(),
                            request.held())
                    : request;
        }

        private void deliver(WorkResult result) {
            var entity = entities.get(result.key().problem());
            if (entity != null) {
                entity.receive(result);
            }
        }

        /** The round a reply belongs to, or with the bug the one that is open. */
        AttemptKey key(AttemptKey key) {
            var entity = entities.get(key.step().problem());
            if (bug == Bug.REPLY_OF_ANOTHER_ROUND
                    && entity != null
                    && entity.state instanceof ProblemState.Running running) {
                var step = key.step();
                return new AttemptKey(
                        new StepKey(
                                step.job(),
                                step.problem(),
                                step.chain(),
                                step.iteration(),
                                running.run().plan().round(),
                                step.slot(),
                                step.purpose()),
                        key.attempt());
            }
            return key;
        }

        @Override
        public int compareTo(Coordinator other) {
            return name.compareTo(other.name);
        }
    }

    /** What the actor of a problem does around its machine. */
    private final class Entity {
        private final Coordinator home;
        private final ProblemSpecification specification;
        private final ProblemMachine machine = new ProblemMachine();
        private final Deque<WorkResult> stash = new ArrayDeque<>();
        private ProblemState state = new ProblemState.Unknown();
        private int sequence;
        private boolean writing;
        /** Told since the last write. */
        private long tokensTold;

        Entity(Coordinator home, ProblemSpecification specification) {
            this.home = home;
            this.specification = specification;
        }

        void recover() {
            var log = journal.read(specification.problem());
            for (var event : log) {
                state = state.evolve(event);
            }
            sequence = log.size();
            switch (state) {
                case ProblemState.Unknown unknown -> perform(machine.start(specification, nowMillis));
                case ProblemState.Running running -> submit(machine.openRound(running));
                case ProblemState.Ended ended -> {}
            }
        }

        void receive(WorkResult result) {
            if (writing) {
                stash.add(result);
            } else if (state instanceof ProblemState.Running running) {
                long tokens = usage(result);
                tokensTold += tokens;
                journal.told(result.key(), tokens);
                perform(machine.onResult(running, result, nowMillis));
            }
        }

        private static long usage(WorkResult result) {
            return switch (result) {
                case WorkResult.Extended(var key, var step, var usage, var numericsClass, var slotMillis) ->
                    tokens(usage);
                case WorkResult.Scored(var key, var logOdds, var usage, var numericsClass, var slotMillis) ->
                    tokens(usage);
                case WorkResult.Wasted(var key, var usage, var slotMillis) -> tokens(usage);
                case WorkResult.Failed failed -> 0;
            };
        }

        private void perform(Reaction reaction) {
            switch (reaction) {
                case Reaction.Nothing() -> {}
                case Reaction.Ask(var works) -> submit(works);
                case Reaction.AskLater() ->
                    after(
                            1000,
                            () -> home.receive(() -> {
                                if (state instanceof ProblemState.Running running && !writing) {
                                    submit(machine.needed(running));
                                }
                            }));
                case Reaction.Write(var events) -> write(events);
            }
        }

        private void submit(List<Work> works) {
            home.perform(home.core.submit(works, specification.order(), 1, nowMillis));
        }

        private void write(List<ProblemEvent> events) {
            writing = true;
            long told = tokensTold;
            tokensTold = 0;
            if (bug == Bug.ACKNOWLEDGED_BEFORE_DURABLE) {
                home.receive(() -> acknowledged(events, true));
            }
            after(1 + random.nextInt(goesWrong(Fault.WRITE_SLOW, .1) ? 3000 : 20), () -> {
                if (!home.alive && random.nextBoolean()) {
                    faults.merge(Fault.WRITE_LOST, 1, Integer::sum);
                    return;
                }
                int expected = bug == Bug.ACKNOWLEDGED_BEFORE_DURABLE ? sequence - events.size() : sequence;
                boolean taken =
                        journal.append(specification.problem(), expected, events, bug != Bug.APPEND_WITHOUT_FENCE);
                if (taken) {
                    journal.written(specification.problem(), told);
                } else {
                    faults.merge(Fault.WRITE_REJECTED, 1, Integer::sum);
                }
                if (bug != Bug.ACKNOWLEDGED_BEFORE_DURABLE) {
                    after(1 + random.nextInt(10), () -> home.receive(() -> acknowledged(events, taken)));
                }
            });
        }

        private void acknowledged(List<ProblemEvent> events, boolean taken) {
            if (home.entities.get(specification.problem()) != this) {
                return;
            }
            writing = false;
            if (!taken) {
                stop();
                return;
            }
            sequence += events.size();
            for (var event : events) {
                state = state.evolve(event);
            }
            switch (state) {
                case ProblemState.Unknown unknown -> {}
                case ProblemState.Running running -> submit(machine.openRound(running));
                case ProblemState.Ended ended -> {
                    journal.told(specification.problem(), ended.status());
                    home.perform(home.core.forget(JOB, specification.problem()));
                }
            }
            while (!stash.isEmpty() && !writing) {
                receive(stash.poll());
            }
        }

        /** A rejected append stops the entity; where it still belongs it recovers. */
        private void stop() {
            home.entities.remove(specification.problem());
            home.perform(home.core.forget(JOB, specification.problem()));
            if (owners.get(specification.problem()) == home) {
                var again = new Entity(home, specification);
                home.entities.put(specification.problem(), again);
                again.recover();
            }
        }
    }

    // ---- workers

    private ServedModel model(int slots) {
        return new ServedModel(MODEL, "00", "none", new NumericsClass("simulated", "any", "00", "exact"), slots, 1000);
    }

    private void startPolicy() {
        int slots = 1 + random.nextInt(6);
        start(new SimulatedWorker<>(
                Role.POLICY,
                slots,
                new SimulatedPolicy(model(slots), language, SimulatedLatency.none()),
                PolicyWorker.requests(),
                Simulation::extended,
                this::startPolicy));
    }

    private void startPrm() {
        int slots = 1 + random.nextInt(6);
        start(new SimulatedWorker<>(
                Role.PRM,
                slots,
                new SimulatedPrm(model(slots), language, SimulatedLatency.none()),
                PrmWorker.requests(),
                Simulation::scored,
                this::startPrm));
    }

    private void start(SimulatedWorker<?, ?> worker) {
        workers.add(worker);
        worker.meetDispatchers();
        after(random.nextInt(RENEWAL_MILLIS), worker::renew);
    }

    private static List<DispatchEffect> extended(
            Coordinator node,
            SimulatedWorker<?, ExtendResult> worker,
            List<ExtendResult> results,
            SlotOffer offer,
            long now) {
        return node.core.extended(
                worker.id,
                results.stream()
                        .map(result -> result instanceof ExtendResult.Generated(var key, var lease, var step, var usage)
                                ? new ExtendResult.Generated(node.key(key), lease, step, usage)
                                : result)
                        .toList(),
                offer,
                now);
    }

    private static List<DispatchEffect> scored(
            Coordinator node,
            SimulatedWorker<?, ScoreResult> worker,
            List<ScoreResult> results,
            SlotOffer offer,
            long now) {
        return node.core.scored(worker.id, results, offer, now);
    }

    private interface Reply<R> {
        List<DispatchEffect> taken(
                Coordinator node, SimulatedWorker<?, R> worker, List<R> results, SlotOffer offer, long nowMillis);
    }

    /** What the actor of a worker does around its machine. */
    private final class SimulatedWorker<Q, R> {
        private final String id;
        private final WorkerAnnouncement announcement;
        private final Backend<Q, R> backend;
        private final Requests<Q, R, ?> requests;
        private final Reply<R> reply;
        private final Runnable replacement;
        private final WorkerCore<Coordinator, Coordinator, Q, R> core;
        private boolean alive = true;
        private boolean hangs;

        SimulatedWorker(
                Role role,
                int slots,
                Backend<Q, R> backend,
                Requests<Q, R, ?> requests,
                Reply<R> reply,
                Runnable replacement) {
            this.id = role.id() + "-" + born++;
            var model = backend.model();
            this.announcement = new WorkerAnnouncement(
                    id, role, "node", 1, MODEL, "00", "none", model.numericsClass(), slots, model.contextTokens());
            this.backend = backend;
            this.requests = requests;
            this.reply = reply;
            this.replacement = replacement;
            this.core = new WorkerCore<>(MODEL, slots, requests);
        }

        /** Slots may be given twice when a dispatcher comes back or one was wrongly counted as lost. */
        void check() {
            if (core.running() > announcement.slots() * (1 + coordinators.size())) {
                throw new AssertionError(
                        "I8: " + id + " runs " + core.running() + " requests with " + announcement.slots() + " slots");
            }
        }

        void meetDispatchers() {
            perform(core.dispatchers(
                    coordinators.stream().filter(node -> node.alive).sorted().toList()));
        }

        void hear(
                Function<
                                WorkerCore<Coordinator, Coordinator, Q, R>,
                                List<WorkerCore.Effect<Coordinator, Coordinator, Q, R>>>
                        word) {
            send(() -> {
                if (alive) {
                    perform(word.apply(core));
                }
            });
        }

        void hearPassOn(Coordinator node, long returned) {
            hear(core -> core.passedOn(node, returned));
        }

        void hearWorkAvailable(Coordinator node) {
            hear(core -> core.workAvailable(node));
        }

        void hearCancel(Coordinator node, List<Long> leases) {
            hear(core -> core.cancelled(node, leases));
        }

        @SuppressWarnings("unchecked")
        void receiveExtensions(Coordinator node, List<ExtendRequest> requests) {
            hear(core -> core.received(node, node, (List<Q>) requests));
        }

        @SuppressWarnings("unchecked")
        void receiveScorings(Coordinator node, List<ScoreRequest> requests) {
            hear(core -> core.received(node, node, (List<Q>) requests));
        }

        private void renew() {
            if (alive) {
                perform(core.renew());
                after(RENEWAL_MILLIS, this::renew);
            }
        }

        void drain() {
            perform(core.drain());
        }

        void die() {
            alive = false;
            for (var node : coordinators) {
                after(random.nextInt(6000), () -> node.receive(() -> node.perform(node.core.leave(id, nowMillis))));
            }
            after(random.nextInt(1000), replacement);
        }

        private void perform(List<WorkerCore.Effect<Coordinator, Coordinator, Q, R>> effects) {
            if (!alive) {
                return;
            }
            for (var effect : effects) {
                switch (effect) {
                    case WorkerCore.Effect.Run<Coordinator, Coordinator, Q, R>(var lease, var request) ->
                        execute(lease, request);
                    case WorkerCore.Effect.CancelRun<Coordinator, Coordinator, Q, R>(var lease) ->
                        after(
                                0,
                                () -> perform(core.broken(lease, new Refusal(Refusal.Category.STOPPING, "cancelled"))));
                    case WorkerCore.Effect.Answer<Coordinator, Coordinator, Q, R>(var node, var results, var offer) ->
                        send(() ->
                                node.receive(() -> node.perform(reply.taken(node, this, results, offer, nowMillis))));
                    case WorkerCore.Effect.Announce<Coordinator, Coordinator, Q, R>(var node) ->
                        send(() -> node.receive(() -> {
                            if (alive) {
                                node.references.put(id, this);
                                node.perform(node.core.announce(announcement, nowMillis));
                            }
                        }));
                    case WorkerCore.Effect.Offer<Coordinator, Coordinator, Q, R>(var node, var offered, var keep) ->
                        send(() -> node.receive(() -> node.perform(node.core.offer(id, offered, keep, nowMillis))));
                    case WorkerCore.Effect.Renew<Coordinator, Coordinator, Q, R> renewal ->
                        send(() -> renewal.dispatcher().receive(() -> renewed(renewal)));
                    case WorkerCore.Effect.Stop<Coordinator, Coordinator, Q, R>() -> die();
                }
            }
            if (core.mustFlush()) {
                after(1, () -> {
                    if (core.mustFlush()) {
                        perform(core.flush());
                    }
                });
            }
        }

        private void renewed(WorkerCore.Effect.Renew<Coordinator, Coordinator, Q, R> renewal) {
            var node = renewal.dispatcher();
            if (node.core.knows(id)) {
                node.perform(node.core.renew(
                        id,
                        renewal.slotsOffered(),
                        renewal.slotsReturned(),
                        renewal.requestsReceived(),
                        renewal.keep(),
                        renewal.leases(),
                        renewal.status(),
                        nowMillis));
            } else {
                hear(core -> core.announceAgain(node));
            }
        }

        /** The backend is asked at once and answers later; what it spent is known whatever becomes of the answer. */
        private void execute(WorkerCore.LeaseName<Coordinator> lease, Q request) {
            if (goesWrong(Fault.BACKEND_HANGS, .002)) {
                hangs = true;
            }
            R result = goesWrong(Fault.REQUEST_REFUSED, .05)
                    ? requests.refuse(request, new Refusal(Refusal.Category.BACKEND_UNAVAILABLE, "out of order"))
                    : backend.run(request).join();
            journal.spent(key(result), tokens(requests.usage(result)));
            if (hangs && trouble) {
                return;
            }
            after(20 + random.nextInt(300), () -> perform(core.finished(lease, result)));
        }

        private StepKey key(R result) {
            return switch (result) {
                case ExtendResult step -> step.key().step();
                case ScoreResult score -> score.key().step();
                default -> throw new IllegalStateException("a result is of a step or of a score: was " + result);
            };
        }
    }

    private static long tokens(Usage usage) {
        return usage.promptTokens() + usage.completionTokens();
    }
}
