package cloudchamber.coordinator.membership;

import cloudchamber.coordinator.membership.ClusterView.Standing;
import cloudchamber.coordinator.membership.MembershipMachine.Input;
import cloudchamber.protocol.model.CounterRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Coordinators and workers in one thread and on one clock of the test, with the shipped rules of membership, a model of
 * Pekko's cluster and split-brain resolver, and a database. A phase with faults comes first, then one without: in it
 * everybody must become a member of one cluster.
 *
 * <p>The model of Pekko: members exchange what they know with those they reach both ways. Whoever is silent for 4.5 s
 * is unreachable, for its observer and for all who hear from it. When that has not changed for 7 s the lowest address
 * among the reachable claims the lease, where most coordinators are unreachable 2 s later; a claim that is granted
 * downs the unreachable, one that is refused downs the reachable.
 */
final class MembershipSimulation {
    static final int FAULTS_MILLIS = 120_000;
    /** From the last fault to one cluster. */
    static final int LIMIT_MILLIS = 60_000;

    private static final int STEP_MILLIS = 100;
    private static final int STABLE_MILLIS = 20_000;
    private static final int UNREACHABLE_MILLIS = 4500;
    private static final int DECISION_MILLIS = 7000;
    private static final int MINORITY_MILLIS = 2000;
    private static final int WEAKLY_UP_MILLIS = 7000;
    private static final int RETRY_MILLIS = 500;
    private static final int GRACE_MILLIS = 3000;
    private static final int RELEASE_MILLIS = 1000;
    private static final MembershipSettings SETTINGS = new MembershipSettings(
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(4),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofSeconds(2),
            Duration.ofSeconds(15),
            Duration.ofSeconds(5));

    /** What may go wrong. */
    enum Fault {
        KILLED,
        PAUSED,
        CUT_IN_PARTS,
        CUT_ONE_WAY,
        CUT_FROM_DATABASE,
        DATABASE_STOPPED,
        ANSWER_LOST
    }

    /** Mistakes one could make; each must be found. */
    enum Bug {
        NONE,
        /** A coordinator that comes back waits for the others, as if it were none who may form a cluster. */
        FOUNDER_LEAVES_ITSELF_OUT,
        /** Whoever wants to found a cluster does, whoever else did. */
        TWO_FOUNDERS,
        /** A cluster goes on when a newer one was formed. */
        STALE_EPOCH_LIVES,
        /** A claim that is granted says nothing of the others. */
        CLAIM_WITHOUT_DECLARING_DOWN,
        /** Workers stay among themselves. */
        WORKERS_STAY_ALONE
    }

    /** A side's decision that waits for the lease, with what was unreachable when it was taken. */
    private static final class Decision {
        private final Set<NodeId> reachable;
        private final Set<NodeId> down;
        private long nextClaimMillis;
        private long refusedMillis = -1;

        Decision(Set<NodeId> reachable, Set<NodeId> down, long firstClaimMillis) {
            this.reachable = reachable;
            this.down = down;
            this.nextClaimMillis = firstClaimMillis;
        }
    }

    /** An answer of the database on its way. */
    private record Answer(long atMillis, Input input) {}

    /** One place for a process, which has one life after the other. */
    private final class Node {
        private final int number;
        private final boolean coordinates;
        private final long clockOffsetMillis;
        private boolean alive;
        private int lives;
        private long startMillis;
        private long pausedUntilMillis;
        private NodeId id;
        private MembershipMachine coordinator;
        private WorkerMachine worker;
        private Standing standing;
        private long joinedMillis;
        private List<String> contacts;
        private final Set<NodeId> members = new HashSet<>();
        private final Set<NodeId> removed = new HashSet<>();
        private final Map<NodeId, Long> lastHeard = new HashMap<>();
        private Set<NodeId> unreachable = Set.of();
        private long unreachableSinceMillis;
        private Decision decision;
        private Set<NodeId> holdsUntilRemoved = Set.of();
        private long releaseMillis = -1;
        private boolean holds;
        private long nextRenewalMillis;
        private final List<Answer> answers = new ArrayList<>();
        private boolean asked;

        Node(int number, boolean coordinates) {
            this.number = number;
            this.coordinates = coordinates;
            this.clockOffsetMillis = random.nextInt(1_000_000);
            this.startMillis = random.nextInt(5000);
        }

        private String address() {
            // Workers have the lowest addresses, so that they lead.
            return "node-" + number + ":1";
        }

        private void start() {
            alive = true;
            lives++;
            id = new NodeId(address(), ++uids);
            coordinator = MembershipMachine.start(SETTINGS, id);
            worker = WorkerMachine.start(
                    SETTINGS,
                    nodes.stream()
                            .filter(node -> node.coordinates)
                            .map(Node::address)
                            .toList());
            standing = Standing.OUTSIDE;
            contacts = List.of();
            members.clear();
            removed.clear();
            lastHeard.clear();
            unreachable = Set.of();
            decision = null;
            holds = false;
            releaseMillis = -1;
            answers.clear();
            asked = false;
            nextRenewalMillis = nowMillis + random.nextInt(500);
            note(id, "starts");
        }

        private void stop(int restartMillis) {
            alive = false;
            startMillis = nowMillis + restartMillis;
        }

        private boolean runs() {
            return alive && nowMillis >= pausedUntilMillis;
        }

        private boolean inside() {
            return standing != Standing.OUTSIDE;
        }

        private boolean reachesDatabase() {
            return databaseUp && !cutFromDatabase.contains(number);
        }

        private ClusterView view() {
            var coordinators = members.stream()
                    .filter(MembershipSimulation.this::isCoordinator)
                    .collect(Collectors.toSet());
            var reachable = new HashSet<>(coordinators);
            reachable.removeAll(unreachable);
            return inside() ? new ClusterView(standing, coordinators, reachable) : ClusterView.OUTSIDE;
        }

        /** Goes down by itself or because others said so; an orderly end takes its entry with it. */
        private void goDown(String reason) {
            note(id, "goes down: " + reason);
            if (coordinates && reachesDatabase()) {
                register = register.without(id);
            }
            stop(1000 + random.nextInt(7000));
        }

        // ---- membership

        private void renew() {
            if (nowMillis < nextRenewalMillis || asked) {
                return;
            }
            nextRenewalMillis = nowMillis + SETTINGS.renewal().toMillis();
            if (!coordinates) {
                var step = worker.on(view(), clock());
                worker = step.machine();
                act(step.action());
                return;
            }
            if (reachesDatabase()) {
                var seen = view();
                ask(() -> {
                    register = at(register).renewed(id, "1", coordinator.epoch(), seen.reachable());
                    return Optional.of(new Input.Renewed(register, seen));
                });
            } else {
                ask(Optional::empty);
            }
        }

        /** The change is made now, and the answer comes later, or never. */
        private void ask(Supplier<Optional<Input>> change) {
            asked = true;
            var input = change.get().orElse(new Input.Unanswered());
            boolean lost = goesWrong(Fault.ANSWER_LOST, .02);
            answers.add(new Answer(
                    nowMillis + (lost ? 4000 : 1 + random.nextInt(300)), lost ? new Input.Unanswered() : input));
        }

        private void hear() {
            for (var answer : List.copyOf(answers)) {
                if (answer.atMillis() <= nowMillis) {
                    answers.remove(answer);
                    asked = false;
                    var step = coordinator.on(answer.input(), clock());
                    coordinator = step.machine();
                    act(step.action());
                }
            }
        }

        private long clock() {
            return nowMillis + clockOffsetMillis;
        }

        private void act(Action action) {
            switch (action) {
                case Action.Wait nothing -> {}
                case Action.Join(var asked) -> contacts = asked;
                case Action.Form form -> form();
                case Action.Found found -> {
                    if (bug != Bug.FOUNDER_LEAVES_ITSELF_OUT || lives == 1) {
                        found(found);
                    }
                }
                case Action.GoDown(var reason) -> {
                    boolean ignored = bug == Bug.STALE_EPOCH_LIVES && reason.contains("newer")
                            || bug == Bug.WORKERS_STAY_ALONE && !coordinates;
                    if (!ignored) {
                        goDown(reason);
                    }
                }
            }
        }

        private void found(Action.Found found) {
            if (!reachesDatabase()) {
                return;
            }
            ask(() -> {
                var current = at(register);
                var founded = bug == Bug.TWO_FOUNDERS
                        ? Optional.of(new Register(
                                        current.nowMillis(),
                                        found.expectedEpoch() + 1,
                                        Optional.of(id),
                                        current.entries(),
                                        current.hold())
                                .renewed(id, "1", found.expectedEpoch() + 1, Set.of()))
                        : current.founded(id, "1", found.expectedEpoch(), found.expectedSeenMillis());
                founded.ifPresent(changed -> register = changed);
                return founded.map(changed -> new Input.Founded(changed.epoch()));
            });
        }

        private void form() {
            if (inside()) {
                return;
            }
            var other = formed.putIfAbsent(coordinator.epoch(), id);
            if (other != null && !other.equals(id)) {
                throw new AssertionError(
                        "epoch " + coordinator.epoch() + " was formed twice: by " + other + " and " + id);
            }
            note(id, "forms epoch " + coordinator.epoch());
            members.add(id);
            standing = Standing.MEMBER;
            joinedMillis = nowMillis;
        }

        private void join() {
            for (var contact : contacts) {
                for (var node : nodes) {
                    if (!inside()
                            && node != this
                            && node.address().equals(contact)
                            && node.runs()
                            && node.inside()
                            && connected(this, node)) {
                        node.letIn(this);
                    }
                }
            }
        }

        private void letIn(Node joiner) {
            members.stream()
                    .filter(member -> member.address().equals(joiner.address()) && !member.equals(joiner.id))
                    .toList()
                    .forEach(this::remove);
            members.add(joiner.id);
            joiner.members.addAll(members);
            joiner.removed.addAll(removed);
            note(id, "lets in " + joiner.id);
            joiner.standing = Standing.JOINING;
            joiner.joinedMillis = nowMillis;
            members.forEach(member -> joiner.lastHeard.put(member, nowMillis));
            lastHeard.put(joiner.id, nowMillis);
        }

        private void remove(NodeId member) {
            members.remove(member);
            removed.add(member);
        }

        // ---- the model of Pekko

        private void gossip() {
            for (var node : nodes) {
                if (node != this
                        && node.runs()
                        && node.inside()
                        && connected(this, node)
                        && members.contains(node.id)
                        && node.members.contains(id)) {
                    lastHeard.put(node.id, nowMillis);
                    removed.addAll(node.removed);
                    members.addAll(node.members);
                    members.removeAll(removed);
                }
            }
            if (removed.contains(id)) {
                goDown("it hears so");
                return;
            }
            members.forEach(member -> lastHeard.putIfAbsent(member, nowMillis));
            if (standing == Standing.JOINING
                    && (unreachable.isEmpty() || nowMillis - joinedMillis > WEAKLY_UP_MILLIS)
                    && nowMillis - joinedMillis > 1000) {
                standing = Standing.MEMBER;
            }
        }

        private Set<NodeId> silent() {
            return members.stream()
                    .filter(member -> !member.equals(id))
                    .filter(member -> nowMillis - lastHeard.getOrDefault(member, nowMillis) > UNREACHABLE_MILLIS)
                    .collect(Collectors.toSet());
        }

        private void observe() {
            var now = new HashSet<NodeId>();
            for (var observer : heardFrom()) {
                now.addAll(observer.silent());
            }
            now.retainAll(members);
            now.remove(id);
            if (!now.equals(unreachable)) {
                unreachable = now;
                unreachableSinceMillis = nowMillis;
            }
        }

        private List<Node> heardFrom() {
            return nodes.stream()
                    .filter(node -> node == this
                            || node.runs() && node.inside() && connected(this, node) && members.contains(node.id))
                    .toList();
        }

        /** Observers that are observed: nodes that reach each other only through others. */
        private Set<NodeId> indirectlyConnected() {
            var observers = new HashSet<NodeId>();
            var subjects = new HashSet<NodeId>();
            for (var node : heardFrom()) {
                var silent = node.silent();
                if (!silent.isEmpty()) {
                    observers.add(node.id);
                    subjects.addAll(silent);
                }
            }
            observers.retainAll(subjects);
            return observers;
        }

        private void decide() {
            if (decision == null) {
                var reachable = new TreeSet<>(Comparator.comparing(NodeId::toString));
                reachable.addAll(members);
                reachable.removeAll(unreachable);
                boolean leads = standing == Standing.MEMBER && id.equals(reachable.first());
                if (leads && !unreachable.isEmpty() && nowMillis - unreachableSinceMillis > DECISION_MILLIS) {
                    var indirectly = indirectlyConnected();
                    var down = new HashSet<>(indirectly.isEmpty() ? unreachable : indirectly);
                    note(id, "decides against " + down);
                    decision =
                            new Decision(Set.copyOf(reachable), down, nowMillis + (minority() ? MINORITY_MILLIS : 0));
                }
            } else if (decision.refusedMillis >= 0) {
                if (nowMillis - decision.refusedMillis >= GRACE_MILLIS) {
                    nodes.stream()
                            .filter(node ->
                                    node.runs() && decision.reachable.contains(node.id) && connected(this, node))
                            .forEach(node -> node.removed.addAll(decision.reachable));
                    decision = null;
                    goDown("its claim was refused");
                }
            } else if (nowMillis >= decision.nextClaimMillis) {
                claim();
            }
        }

        private boolean minority() {
            var view = view();
            return view.reachable().size() * 2 <= view.coordinators().size();
        }

        private void claim() {
            var asked = coordinates ? Optional.of(this) : coordinatorOnThisSide();
            if (asked.isEmpty()) {
                decision.refusedMillis = nowMillis;
                return;
            }
            decision.nextClaimMillis = nowMillis + RETRY_MILLIS;
            var other = asked.get();
            if (!other.runs() || !other.reachesDatabase() || !connected(this, other)) {
                return;
            }
            switch (at(register).claim(other.id, id, decision.down, other.view(), SETTINGS.leaseLifetime())) {
                case Register.Claim.Undecided(var reason) -> {}
                case Register.Claim.Refused(var reason) -> decision.refusedMillis = nowMillis;
                case Register.Claim.Granted(var changed) -> {
                    register = bug == Bug.CLAIM_WITHOUT_DECLARING_DOWN
                            ? new Register(
                                    changed.nowMillis(),
                                    register.epoch(),
                                    register.founder(),
                                    register.entries(),
                                    changed.hold())
                            : changed;
                    note(id, "downs " + decision.down + " through " + other.id);
                    decision.down.forEach(this::remove);
                    holdsUntilRemoved = decision.down;
                    holds = true;
                    releaseMillis = -1;
                    decision = null;
                    if (removed.contains(id)) {
                        goDown("by its own decision");
                    }
                }
            }
        }

        private Optional<Node> coordinatorOnThisSide() {
            var reachable = view().reachable();
            var candidates = nodes.stream()
                    .filter(node -> node.runs() && reachable.contains(node.id))
                    .toList();
            return candidates.isEmpty()
                    ? Optional.empty()
                    : Optional.of(candidates.get(random.nextInt(candidates.size())));
        }

        private void hold() {
            if (!holds) {
                return;
            }
            if (releaseMillis < 0 && members.stream().noneMatch(holdsUntilRemoved::contains)) {
                releaseMillis = nowMillis + RELEASE_MILLIS;
            }
            var through = coordinates ? Optional.of(this) : coordinatorOnThisSide();
            if (through.isEmpty() || !through.get().runs() || !through.get().reachesDatabase()) {
                return;
            }
            if (releaseMillis >= 0 && nowMillis >= releaseMillis) {
                register = at(register).released(id);
                holds = false;
            } else {
                register = at(register).held(id, SETTINGS.leaseLifetime());
            }
        }
    }

    private final CounterRandom random;
    private final Bug bug;
    private final List<Node> nodes = new ArrayList<>();
    private final Set<List<Integer>> cut = new HashSet<>();
    private final Set<Integer> cutFromDatabase = new HashSet<>();
    private final Map<Long, NodeId> formed = new HashMap<>();
    final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    private final long databaseOffsetMillis;
    private final List<String> happened = new ArrayList<>();
    private Register register;
    private boolean databaseUp = true;
    private long databaseBackMillis;
    private long healMillis;
    private boolean trouble = true;
    private long nowMillis;
    private long uids;

    MembershipSimulation(long seed, Bug bug) {
        this.random = new CounterRandom(seed);
        this.bug = bug;
        this.databaseOffsetMillis = random.nextInt(1_000_000_000);
        this.register = Register.empty(databaseOffsetMillis);
        int coordinators = 2 + random.nextInt(3);
        int workers = random.nextInt(4);
        for (int number = 0; number < coordinators + workers; number++) {
            nodes.add(new Node(number, number >= workers));
        }
    }

    private void note(Object who, String what) {
        happened.add(nowMillis + " ms: " + who + " " + what);
    }

    private Register at(Register stored) {
        return new Register(
                nowMillis + databaseOffsetMillis, stored.epoch(), stored.founder(), stored.entries(), stored.hold());
    }

    private boolean isCoordinator(NodeId id) {
        return nodes.stream()
                .anyMatch(node -> node.coordinates && node.address().equals(id.address()));
    }

    private boolean connected(Node one, Node other) {
        return !cut.contains(List.of(one.number, other.number)) && !cut.contains(List.of(other.number, one.number));
    }

    private boolean goesWrong(Fault fault, double probability) {
        boolean wrong = trouble && random.nextDouble() < probability;
        if (wrong) {
            faults.merge(fault, 1, Integer::sum);
        }
        return wrong;
    }

    /** Runs both phases, and says how long after the last fault there was one cluster, in milliseconds. */
    long run() {
        long oneSinceMillis = -1;
        while (true) {
            nowMillis += STEP_MILLIS;
            if (trouble && nowMillis >= FAULTS_MILLIS) {
                trouble = false;
                heal();
                databaseUp = true;
                cutFromDatabase.clear();
                nodes.forEach(node -> {
                    node.pausedUntilMillis = Math.min(node.pausedUntilMillis, nowMillis);
                    node.startMillis = Math.min(node.startMillis, nowMillis + 8000);
                });
            }
            step();
            boolean one = oneCluster();
            oneSinceMillis = one ? oneSinceMillis < 0 ? nowMillis : oneSinceMillis : -1;
            if (!trouble) {
                if (!one && nowMillis > FAULTS_MILLIS + LIMIT_MILLIS) {
                    throw new AssertionError("no single cluster " + LIMIT_MILLIS + " ms after the last fault: " + this);
                }
                if (one && nowMillis - Math.max(oneSinceMillis, FAULTS_MILLIS) >= STABLE_MILLIS) {
                    return Math.max(0, oneSinceMillis - FAULTS_MILLIS);
                }
            }
        }
    }

    private void step() {
        if (trouble) {
            breakSomething();
        }
        for (var node : nodes) {
            if (!node.alive && nowMillis >= node.startMillis) {
                node.start();
            }
            if (node.runs()) {
                node.hear();
            }
            if (node.runs()) {
                node.renew();
            }
            if (node.runs()) {
                node.join();
            }
            if (node.runs() && node.inside()) {
                node.gossip();
            }
            if (node.runs() && node.inside()) {
                node.observe();
                node.decide();
            }
            if (node.runs() && node.inside()) {
                node.hold();
            }
        }
    }

    // ---- faults, about one every ten seconds of each kind

    private void breakSomething() {
        if (nowMillis >= healMillis && !cut.isEmpty()) {
            heal();
        }
        if (nowMillis >= databaseBackMillis) {
            databaseUp = true;
            cutFromDatabase.clear();
        }
        if (goesWrong(Fault.KILLED, .008)) {
            var victim = nodes.get(random.nextInt(nodes.size()));
            note(victim.id, "is killed");
            victim.stop(random.nextInt(20_000));
        }
        if (goesWrong(Fault.PAUSED, .003)) {
            nodes.get(random.nextInt(nodes.size())).pausedUntilMillis = nowMillis + random.nextInt(40_000);
        }
        if (databaseUp && goesWrong(Fault.DATABASE_STOPPED, .002)) {
            databaseUp = false;
            databaseBackMillis = nowMillis + random.nextInt(40_000);
        }
        if (databaseUp && goesWrong(Fault.CUT_FROM_DATABASE, .002)) {
            cutFromDatabase.add(random.nextInt(nodes.size()));
            databaseBackMillis = nowMillis + random.nextInt(40_000);
        }
        if (cut.isEmpty() && goesWrong(Fault.CUT_IN_PARTS, .004)) {
            var parts = nodes.stream().map(node -> random.nextInt(3)).toList();
            for (var one : nodes) {
                for (var other : nodes) {
                    if (!parts.get(one.number).equals(parts.get(other.number))) {
                        cut.add(List.of(one.number, other.number));
                    }
                }
            }
            healMillis = nowMillis + random.nextInt(40_000);
        }
        if (cut.isEmpty() && goesWrong(Fault.CUT_ONE_WAY, .002)) {
            cut.add(List.of(random.nextInt(nodes.size()), random.nextInt(nodes.size())));
            healMillis = nowMillis + random.nextInt(40_000);
        }
    }

    private void heal() {
        cut.clear();
    }

    // ---- what must be

    private boolean oneCluster() {
        var all = nodes.stream().map(node -> node.id).collect(Collectors.toSet());
        return nodes.stream()
                .allMatch(node -> node.runs() && node.standing == Standing.MEMBER && node.members.equals(all));
    }

    @Override
    public String toString() {
        return String.join("\n  ", happened.subList(Math.max(0, happened.size() - 60), happened.size()))
                + nodes.stream()
                        .map(node -> node.id + (node.runs() ? " " + node.standing : " stopped") + " " + node.members
                                + (node.unreachable.isEmpty()
                                        ? ""
                                        : " unreachable " + node.unreachable + " for "
                                                + (nowMillis - node.unreachableSinceMillis) + " ms")
                                + (node.decision == null ? "" : " decides to down " + node.decision.down))
                        .collect(Collectors.joining("\n  ", "\n  ", "\n"))
                + register;
    }
}
