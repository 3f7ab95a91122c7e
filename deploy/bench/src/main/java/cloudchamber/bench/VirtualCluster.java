package cloudchamber.bench;

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
import cloudchamber.policy.simulated.SimulatedPolicy;
import cloudchamber.prm.simulated.SimulatedPrm;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.SlotOffer;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.protocol.wire.WorkerStatus;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.SimulatedLatency;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * The shipped dispatcher and problem machines before workers in simulated time: what placement and order do,
 * without a wire, a clock or a processor in the way. Deterministic.
 */
final class VirtualCluster {
    private static final int RENEWAL_MILLIS = 300;
    private static final int TICK_MILLIS = 50;
    private static final int CONTEXT_TOKENS = 1 << 20;

    /** When it happens, in ms; then in the order it was asked for. */
    private record Event(double atMillis, long order, Runnable happening) {}

    private record NodeId(String job, String problem, int node) {}

    private final Workload workload;
    private final double rereadTokensPerSecond;
    private final DispatchCore core;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingDouble(Event::atMillis).thenComparingLong(Event::order));
    private final Map<String, Worker> workers = new LinkedHashMap<>();
    private final Map<String, Running> problems = new LinkedHashMap<>();
    private final Map<NodeId, Integer> parents = new HashMap<>();
    private final Map<NodeId, Integer> tokens = new HashMap<>();
    private final SimulatedPolicy policy;
    private final SimulatedPrm prm;
    private final Set<NodeId> promptsRead = new HashSet<>();
    private double nowMillis;
    private long nextEvent;
    private double idleSince = Double.NaN;
    private int lastIdle;
    private double idleSlotMillis;
    private final Map<Role, Double> workMillis = new EnumMap<>(Role.class);
    private final Map<String, Map<Integer, Double>> longestMillis = new HashMap<>();
    private long newTokens;
    private long readTokens;

    VirtualCluster(Workload workload, DispatchSettings settings, Placement placement) {
        this.workload = workload;
        this.rereadTokensPerSecond = settings.rereadTokensPerSecond();
        this.core = new DispatchCore(settings, placement);
        var model = new ServedModel(
                Workload.MODEL, "00", "none", new NumericsClass("simulated", "any", "00", "exact"), 1, CONTEXT_TOKENS);
        this.policy = new SimulatedPolicy(model, workload.language(), SimulatedLatency.none());
        this.prm = new SimulatedPrm(model, workload.language(), SimulatedLatency.none());
        at(TICK_MILLIS, this::tick);
    }

    // ---- what there is

    /** @param cacheTokens what a policy's cache holds */
    void addPolicy(int slots, double cacheTokens) {
        add(new Worker(Role.POLICY, slots, cacheTokens));
    }

    void addPrm(int slots) {
        add(new Worker(Role.PRM, slots, 0));
    }

    private void add(Worker worker) {
        workers.put(worker.id, worker);
        perform(core.announce(
                new WorkerAnnouncement(
                        worker.id,
                        worker.role,
                        "virtual",
                        1,
                        Workload.MODEL,
                        "00",
                        "none",
                        policy.model().numericsClass(),
                        worker.slots,
                        CONTEXT_TOKENS),
                millis()));
        perform(core.offer(worker.id, worker.slots, true, millis()));
    }

    /** Starts a problem and says when it has ended. */
    void start(ProblemSpecification specification, Runnable ended) {
        var problem = new Running(specification, ended);
        problems.put(specification.job() + "/" + specification.problem(), problem);
        problem.perform(problem.machine.start(specification, millis()));
    }

    // ---- time

    void at(double atMillis, Runnable happening) {
        events.add(new Event(atMillis, nextEvent++, happening));
    }

    /** Lets time pass until that holds. */
    void runUntil(BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            var event = events.poll();
            nowMillis = event.atMillis();
            event.happening().run();
            countIdle();
        }
    }

    double nowMillis() {
        return nowMillis;
    }

    private long millis() {
        return (long) nowMillis;
    }

    private void tick() {
        perform(core.tick(millis()));
        for (var worker : workers.values()) {
            if (nowMillis >= worker.nextRenewal) {
                worker.nextRenewal = nowMillis + RENEWAL_MILLIS;
                perform(core.renew(
                        worker.id,
                        worker.offered,
                        0,
                        worker.received,
                        true,
                        List.copyOf(worker.leases),
                        WorkerStatus.NEW,
                        millis()));
            }
        }
        at(nowMillis + TICK_MILLIS, this::tick);
    }

    // ---- what was seen

    /** Slots that stood idle while work of their role waited, times milliseconds. */
    double idleSlotMillis() {
        return idleSlotMillis;
    }

    /** Tokens of the prefixes that problems go on from: each problem's at its most, together. */
    double liveTokens() {
        return problems.values().stream()
                .mapToDouble(problem -> problem.peakLive)
                .sum();
    }

    /** Tokens that had to be computed by anyone, once. */
    long newTokens() {
        return newTokens;
    }

    /** Tokens that were computed, those again that were not in the cache where they were needed. */
    long computedTokens() {
        return newTokens + readTokens;
    }

    /** Milliseconds that the slots of each policy worker were busy. */
    List<Double> busyMillis() {
        return workers.values().stream()
                .filter(worker -> worker.role == Role.POLICY)
                .map(worker -> worker.busyMillis)
                .toList();
    }

    /** What all requests of a role took together. */
    double workMillis(Role role) {
        return workMillis.get(role);
    }

    /** What the slowest problem would take if nothing ever waited: the longest step of each round, and a score. */
    double criticalPathMillis() {
        return longestMillis.values().stream()
                .mapToDouble(rounds -> rounds.values().stream()
                        .mapToDouble(longest -> longest + workload.scoreMillis())
                        .sum())
                .max()
                .orElse(0);
    }

    private void countIdle() {
        int idle = 0;
        for (var role : Role.values()) {
            if (role != Role.COORDINATOR && !core.waitingByModel(role).isEmpty()) {
                for (var worker : workers.values()) {
                    idle += worker.role == role ? worker.slots - worker.leases.size() : 0;
                }
            }
        }
        if (!Double.isNaN(idleSince)) {
            idleSlotMillis += lastIdle * (nowMillis - idleSince);
        }
        idleSince = nowMillis;
        lastIdle = idle;
    }

    // ---- problems

    private final class Running {
        private final ProblemSpecification specification;
        private final Runnable ended;
        private final ProblemMachine machine = new ProblemMachine();
        private ProblemState state = new ProblemState.Unknown();
        private double peakLive;

        Running(ProblemSpecification specification, Runnable ended) {
            this.specification = specification;
            this.ended = ended;
        }

        void receive(WorkResult result) {
            if (state instanceof ProblemState.Running running) {
                perform(machine.onResult(running, result, millis()));
            }
        }

        private void perform(Reaction reaction) {
            switch (reaction) {
                case Reaction.Nothing() -> {}
                case Reaction.Ask(var works) -> submit(works);
                case Reaction.AskLater() -> throw new BenchmarkFailure("the dispatcher has no room for the workload");
                case Reaction.Write(var written) -> {
                    for (ProblemEvent event : written) {
                        state = state.evolve(event);
                    }
                    switch (state) {
                        case ProblemState.Unknown unknown -> {}
                        case ProblemState.Running running -> {
                            var works = machine.openRound(running);
                            countLive(works);
                            submit(works);
                        }
                        case ProblemState.Ended over -> {
                            VirtualCluster.this.perform(core.forget(specification.job(), specification.problem()));
                            ended.run();
                        }
                    }
                }
            }
        }

        /** What a worker would hold, or be sent. */
        List<PrefixStep> steps(int node) {
            var run = ((ProblemState.Running) state).run();
            return run.tree().path(node).stream()
                    .map(step -> new PrefixStep(step.text(), step.tokenIds()))
                    .toList();
        }

        List<PrefixStep> steps(ScoreRequest request) {
            var steps = new ArrayList<>(steps(request.parent()));
            steps.add(request.prefix().getLast());
            return steps;
        }

        private void submit(List<Work> works) {
            VirtualCluster.this.perform(core.submit(works, specification.order(), 1, millis()));
        }

        private void countLive(List<Work> works) {
            var nodes = new TreeSet<Integer>();
            for (var work : works) {
                nodes.addAll(path(new NodeId(
                        specification.job(),
                        specification.problem(),
                        work.held().node())));
            }
            double live = nodes.stream()
                    .mapToDouble(node -> tokens(
                            new NodeId(specification.job(), specification.problem(), node), specification.prompt()))
                    .sum();
            peakLive = Math.max(peakLive, live);
        }
    }

    /** From the prompt to a node. */
    private List<Integer> path(NodeId node) {
        var path = new ArrayList<Integer>();
        int at = node.node();
        while (at != 0) {
            path.addFirst(at);
            at = parents.get(new NodeId(node.job(), node.problem(), at));
        }
        path.addFirst(0);
        return path;
    }

    private int tokens(NodeId node, Prompt prompt) {
        return tokens.computeIfAbsent(node, first -> prompt.lastQuestion().length() / Workload.CHARACTERS_A_TOKEN);
    }

    // ---- workers

    private void perform(List<DispatchEffect> effects) {
        for (var effect : effects) {
            switch (effect) {
                case DispatchEffect.SendExtend(var worker, var requests) ->
                    requests.forEach(request -> workers.get(worker).extend(request));
                case DispatchEffect.SendScore(var worker, var requests) ->
                    requests.forEach(request -> workers.get(worker).score(request));
                case DispatchEffect.Deliver(var result) -> {
                    var problem =
                            problems.get(result.key().job() + "/" + result.key().problem());
                    problem.receive(result);
                }
                case DispatchEffect.PassOn passOn -> {}
                case DispatchEffect.TellWorkAvailable told -> {}
                case DispatchEffect.TellEjected ejected -> {}
                case DispatchEffect.TellTakenBack takenBack -> {}
                case DispatchEffect.CancelLeases cancel -> {}
            }
        }
    }

    private final class Worker {
        private final String id;
        private final Role role;
        private final int slots;
        private final double cacheTokens;
        private final Map<NodeId, Integer> cache = new LinkedHashMap<>(16, .75f, true);
        private final Set<Long> leases = new TreeSet<>();
        private double cached;
        private long offered;
        private long received;
        private double busyMillis;
        private double nextRenewal;

        Worker(Role role, int slots, double cacheTokens) {
            this.id = role.id() + "-" + workers.size();
            this.role = role;
            this.slots = slots;
            this.cacheTokens = cacheTokens;
            this.offered = slots;
        }

        private void extend(ExtendRequest request) {
            var problem = request.parent().job() + "/" + request.parent().problem();
            var specification = problems.get(problem).specification;
            int read = read(request, specification.prompt());
            int length = workload.tokens(request.seed());
            double millis = workload.stepMillis(request.seed()) + 1000.0 * read / rereadTokensPerSecond;
            var node = new NodeId(request.parent().job(), request.parent().problem(), request.node());
            longestMillis
                    .computeIfAbsent(problem, name -> new HashMap<>())
                    .merge(request.key().step().round(), millis, Math::max);
            run(request.lease(), millis, () -> {
                tokens.put(node, length);
                parents.put(node, request.parent().node());
                newTokens += length;
                hold(node, length);
                var prefix = problems.get(problem);
                var whole = request.prompt() != null
                        ? request
                        : request.whole(
                                specification.prompt(),
                                prefix.steps(request.parent().node()));
                perform(core.extended(id, List.of(policy.run(whole).join()), offer(), millis()));
            });
        }

        /** Tokens of the prefix that are not in the cache from its start on; afterwards they are. */
        private int read(ExtendRequest request, Prompt prompt) {
            var parent = request.parent();
            var path = path(new NodeId(parent.job(), parent.problem(), parent.node()));
            int read = 0;
            boolean hit = true;
            for (int at : path) {
                var node = new NodeId(parent.job(), parent.problem(), at);
                boolean first = at == 0 && promptsRead.add(node);
                int length = tokens(node, prompt);
                hit &= cache.containsKey(node);
                if (first) {
                    newTokens += length;
                } else if (!hit) {
                    read += length;
                }
            }
            readTokens += read;
            path.reversed().forEach(at -> {
                var node = new NodeId(parent.job(), parent.problem(), at);
                hold(node, tokens(node, prompt));
            });
            return read;
        }

        private void hold(NodeId node, int length) {
            if (cache.put(node, length) == null) {
                cached += length;
            }
            var oldest = cache.entrySet().iterator();
            while (cached > cacheTokens && oldest.hasNext()) {
                cached -= oldest.next().getValue();
                oldest.remove();
            }
        }

        private void score(ScoreRequest request) {
            run(request.lease(), workload.scoreMillis(), () -> {
                var node = request.node();
                var problem = problems.get(node.job() + "/" + node.problem());
                var whole = request.prompt() != null
                        ? request
                        : request.whole(problem.specification.prompt(), problem.steps(request));
                perform(core.scored(id, List.of(prm.run(whole).join()), offer(), millis()));
            });
        }

        private SlotOffer offer() {
            return new SlotOffer(offered, true);
        }

        private void run(long lease, double millis, Runnable finished) {
            received++;
            leases.add(lease);
            busyMillis += millis;
            workMillis.merge(role, millis, Double::sum);
            at(nowMillis + millis, () -> {
                leases.remove(lease);
                offered++;
                finished.run();
            });
        }
    }
}
