package cloudchamber.coordinator.membership;

import cloudchamber.coordinator.membership.ClusterView.Standing;
import cloudchamber.coordinator.membership.MembershipMachine.Input;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** One place for a process, which has one life after the other, with the model of Pekko that it is a member of. */
final class SimulatedNode {
    private static final int UNREACHABLE_MILLIS = 4500;
    private static final int DECISION_MILLIS = 7000;
    private static final int MINORITY_MILLIS = 2000;
    private static final int WEAKLY_UP_MILLIS = 7000;
    private static final int RETRY_MILLIS = 500;
    private static final int GRACE_MILLIS = 3000;
    private static final int RELEASE_MILLIS = 1000;

    /** A side's decision that waits for the lease, with what was unreachable when it was taken. */
    static final class Decision {
        private final Set<NodeId> reachable;
        final Set<NodeId> down;
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

    private final MembershipSimulation world;
    final int number;
    final boolean coordinates;
    private final long clockOffsetMillis;
    boolean alive;
    int lives;
    long startMillis;
    long pausedUntilMillis;
    NodeId id;
    private MembershipMachine coordinator;
    private WorkerMachine worker;
    Standing standing;
    private long joinedMillis;
    private List<String> contacts;
    final Set<NodeId> members = new HashSet<>();
    private final Set<NodeId> removed = new HashSet<>();
    private final Map<NodeId, Long> lastHeard = new HashMap<>();
    Set<NodeId> unreachable = Set.of();
    long unreachableSinceMillis;
    Decision decision;
    private Set<NodeId> holdsUntilRemoved = Set.of();
    private long releaseMillis = -1;
    private boolean holds;
    private long nextRenewalMillis;
    private final List<Answer> answers = new ArrayList<>();
    private boolean asked;

    SimulatedNode(MembershipSimulation world, int number, boolean coordinates) {
        this.world = world;
        this.number = number;
        this.coordinates = coordinates;
        this.clockOffsetMillis = world.random.nextInt(1_000_000);
        this.startMillis = world.random.nextInt(5000);
    }

    String address() {
        // Workers have the lowest addresses, so that they lead.
        return "node-" + number + ":1";
    }

    void start() {
        alive = true;
        lives++;
        id = new NodeId(address(), ++world.uids);
        coordinator = MembershipMachine.start(MembershipSimulation.SETTINGS, id);
        worker = WorkerMachine.start(
                MembershipSimulation.SETTINGS,
                world.nodes.stream()
                        .filter(node -> node.coordinates)
                        .map(SimulatedNode::address)
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
        nextRenewalMillis = world.nowMillis + world.random.nextInt(500);
        world.note(id, "starts");
    }

    void stop(int restartMillis) {
        alive = false;
        startMillis = world.nowMillis + restartMillis;
    }

    boolean runs() {
        return alive && world.nowMillis >= pausedUntilMillis;
    }

    boolean inside() {
        return standing != Standing.OUTSIDE;
    }

    private boolean reachesDatabase() {
        return world.databaseUp && !world.cutFromDatabase.contains(number);
    }

    private ClusterView view() {
        var coordinators = members.stream().filter(world::isCoordinator).collect(Collectors.toSet());
        var reachable = new HashSet<>(coordinators);
        reachable.removeAll(unreachable);
        return inside() ? new ClusterView(standing, coordinators, reachable) : ClusterView.OUTSIDE;
    }

    /** Goes down by itself or because others said so; an orderly end takes its entry with it. */
    private void goDown(String reason) {
        world.note(id, "goes down: " + reason);
        if (coordinates && reachesDatabase()) {
            world.register = world.register.without(id);
        }
        stop(1000 + world.random.nextInt(7000));
    }

    // ---- membership

    void renew() {
        if (world.nowMillis < nextRenewalMillis || asked) {
            return;
        }
        nextRenewalMillis =
                world.nowMillis + MembershipSimulation.SETTINGS.renewal().toMillis();
        if (!coordinates) {
            var step = worker.on(view(), clock());
            worker = step.machine();
            act(step.action());
            return;
        }
        if (reachesDatabase()) {
            var seen = view();
            ask(() -> {
                world.register = world.at(world.register).renewed(id, "1", coordinator.epoch(), seen.reachable());
                return Optional.of(new Input.Renewed(world.register, seen));
            });
        } else {
            ask(Optional::empty);
        }
    }

    /** The change is made now, and the answer comes later, or never. */
    private void ask(Supplier<Optional<Input>> change) {
        asked = true;
        var input = change.get().orElse(new Input.Unanswered());
        boolean lost = world.goesWrong(MembershipSimulation.Fault.ANSWER_LOST, .02);
        answers.add(new Answer(
                world.nowMillis + (lost ? 4000 : 1 + world.random.nextInt(300)),
                lost ? new Input.Unanswered() : input));
    }

    void hear() {
        for (var answer : List.copyOf(answers)) {
            if (answer.atMillis() <= world.nowMillis) {
                answers.remove(answer);
                asked = false;
                var step = coordinator.on(answer.input(), clock());
                coordinator = step.machine();
                act(step.action());
            }
        }
    }

    private long clock() {
        return world.nowMillis + clockOffsetMillis;
    }

    private void act(Action action) {
        switch (action) {
            case Action.Wait nothing -> {}
            case Action.Join(var asked) -> contacts = asked;
            case Action.Form form -> form();
            case Action.Found found -> {
                if (world.bug != MembershipSimulation.Bug.FOUNDER_LEAVES_ITSELF_OUT || lives == 1) {
                    found(found);
                }
            }
            case Action.GoDown(var reason) -> {
                boolean ignored = world.bug == MembershipSimulation.Bug.STALE_EPOCH_LIVES && reason.contains("newer")
                        || world.bug == MembershipSimulation.Bug.WORKERS_STAY_ALONE && !coordinates;
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
            var current = world.at(world.register);
            var founded = world.bug == MembershipSimulation.Bug.TWO_FOUNDERS
                    ? Optional.of(new Register(
                                    current.nowMillis(),
                                    found.expectedEpoch() + 1,
                                    Optional.of(id),
                                    current.entries(),
                                    current.hold())
                            .renewed(id, "1", found.expectedEpoch() + 1, Set.of()))
                    : current.founded(id, "1", found.expectedEpoch(), found.expectedSeenMillis());
            founded.ifPresent(changed -> world.register = changed);
            return founded.map(changed -> new Input.Founded(changed.epoch()));
        });
    }

    private void form() {
        if (inside()) {
            return;
        }
        var other = world.formed.putIfAbsent(coordinator.epoch(), id);
        if (other != null && !other.equals(id)) {
            throw new AssertionError(
                    "epoch " + coordinator.epoch() + " was world.formed twice: by " + other + " and " + id);
        }
        world.note(id, "forms epoch " + coordinator.epoch());
        members.add(id);
        standing = Standing.MEMBER;
        joinedMillis = world.nowMillis;
    }

    void join() {
        for (var contact : contacts) {
            for (var node : world.nodes) {
                if (!inside()
                        && node != this
                        && node.address().equals(contact)
                        && node.runs()
                        && node.inside()
                        && world.connected(this, node)) {
                    node.letIn(this);
                }
            }
        }
    }

    private void letIn(SimulatedNode joiner) {
        members.stream()
                .filter(member -> member.address().equals(joiner.address()) && !member.equals(joiner.id))
                .toList()
                .forEach(this::remove);
        members.add(joiner.id);
        joiner.members.addAll(members);
        joiner.removed.addAll(removed);
        world.note(id, "lets in " + joiner.id);
        joiner.standing = Standing.JOINING;
        joiner.joinedMillis = world.nowMillis;
        members.forEach(member -> joiner.lastHeard.put(member, world.nowMillis));
        lastHeard.put(joiner.id, world.nowMillis);
    }

    private void remove(NodeId member) {
        members.remove(member);
        removed.add(member);
    }

    // ---- the model of Pekko

    void gossip() {
        for (var node : world.nodes) {
            if (node != this
                    && node.runs()
                    && node.inside()
                    && world.connected(this, node)
                    && members.contains(node.id)
                    && node.members.contains(id)) {
                lastHeard.put(node.id, world.nowMillis);
                removed.addAll(node.removed);
                members.addAll(node.members);
                members.removeAll(removed);
            }
        }
        if (removed.contains(id)) {
            goDown("it hears so");
            return;
        }
        members.forEach(member -> lastHeard.putIfAbsent(member, world.nowMillis));
        if (standing == Standing.JOINING
                && (unreachable.isEmpty() || world.nowMillis - joinedMillis > WEAKLY_UP_MILLIS)
                && world.nowMillis - joinedMillis > 1000) {
            standing = Standing.MEMBER;
        }
    }

    private Set<NodeId> silent() {
        return members.stream()
                .filter(member -> !member.equals(id))
                .filter(member ->
                        world.nowMillis - lastHeard.getOrDefault(member, world.nowMillis) > UNREACHABLE_MILLIS)
                .collect(Collectors.toSet());
    }

    void observe() {
        var now = new HashSet<NodeId>();
        for (var observer : heardFrom()) {
            now.addAll(observer.silent());
        }
        now.retainAll(members);
        now.remove(id);
        if (!now.equals(unreachable)) {
            unreachable = now;
            unreachableSinceMillis = world.nowMillis;
        }
    }

    private List<SimulatedNode> heardFrom() {
        return world.nodes.stream()
                .filter(node -> node == this
                        || node.runs() && node.inside() && world.connected(this, node) && members.contains(node.id))
                .toList();
    }

    /** Observers that are observed: world.nodes that reach each other only through others. */
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

    void decide() {
        if (decision == null) {
            var reachable = new TreeSet<>(Comparator.comparing(NodeId::toString));
            reachable.addAll(members);
            reachable.removeAll(unreachable);
            boolean leads = standing == Standing.MEMBER && id.equals(reachable.first());
            if (leads && !unreachable.isEmpty() && world.nowMillis - unreachableSinceMillis > DECISION_MILLIS) {
                var indirectly = indirectlyConnected();
                var down = new HashSet<>(indirectly.isEmpty() ? unreachable : indirectly);
                world.note(id, "decides against " + down);
                decision =
                        new Decision(Set.copyOf(reachable), down, world.nowMillis + (minority() ? MINORITY_MILLIS : 0));
            }
        } else if (decision.refusedMillis >= 0) {
            if (world.nowMillis - decision.refusedMillis >= GRACE_MILLIS) {
                world.nodes.stream()
                        .filter(node ->
                                node.runs() && decision.reachable.contains(node.id) && world.connected(this, node))
                        .forEach(node -> node.removed.addAll(decision.reachable));
                decision = null;
                goDown("its claim was refused");
            }
        } else if (world.nowMillis >= decision.nextClaimMillis) {
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
            decision.refusedMillis = world.nowMillis;
            return;
        }
        decision.nextClaimMillis = world.nowMillis + RETRY_MILLIS;
        var other = asked.get();
        if (!other.runs() || !other.reachesDatabase() || !world.connected(this, other)) {
            return;
        }
        switch (world.at(world.register)
                .claim(other.id, id, decision.down, other.view(), MembershipSimulation.SETTINGS.leaseLifetime())) {
            case Register.Claim.Undecided(var reason) -> {}
            case Register.Claim.Refused(var reason) -> decision.refusedMillis = world.nowMillis;
            case Register.Claim.Granted(var changed) -> {
                world.register = world.bug == MembershipSimulation.Bug.CLAIM_WITHOUT_DECLARING_DOWN
                        ? new Register(
                                changed.nowMillis(),
                                world.register.epoch(),
                                world.register.founder(),
                                world.register.entries(),
                                changed.hold())
                        : changed;
                world.note(id, "downs " + decision.down + " through " + other.id);
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

    private Optional<SimulatedNode> coordinatorOnThisSide() {
        var reachable = view().reachable();
        var candidates = world.nodes.stream()
                .filter(node -> node.runs() && reachable.contains(node.id))
                .toList();
        return candidates.isEmpty()
                ? Optional.empty()
                : Optional.of(candidates.get(world.random.nextInt(candidates.size())));
    }

    void hold() {
        if (!holds) {
            return;
        }
        if (releaseMillis < 0 && members.stream().noneMatch(holdsUntilRemoved::contains)) {
            releaseMillis = world.nowMillis + RELEASE_MILLIS;
        }
        var through = coordinates ? Optional.of(this) : coordinatorOnThisSide();
        if (through.isEmpty() || !through.get().runs() || !through.get().reachesDatabase()) {
            return;
        }
        if (releaseMillis >= 0 && world.nowMillis >= releaseMillis) {
            world.register = world.at(world.register).released(id);
            holds = false;
        } else {
            world.register = world.at(world.register).held(id, MembershipSimulation.SETTINGS.leaseLifetime());
        }
    }
}
