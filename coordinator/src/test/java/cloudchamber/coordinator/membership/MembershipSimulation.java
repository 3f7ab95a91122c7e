package cloudchamber.coordinator.membership;

import cloudchamber.coordinator.membership.ClusterView.Standing;
import cloudchamber.protocol.model.CounterRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    static final MembershipSettings SETTINGS = new MembershipSettings(
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

    final CounterRandom random;
    final Bug bug;
    final List<SimulatedNode> nodes = new ArrayList<>();
    private final Set<List<Integer>> cut = new HashSet<>();
    final Set<Integer> cutFromDatabase = new HashSet<>();
    final Map<Long, NodeId> formed = new HashMap<>();
    final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    private final long databaseOffsetMillis;
    private final List<String> happened = new ArrayList<>();
    Register register;
    boolean databaseUp = true;
    private long databaseBackMillis;
    private long healMillis;
    private boolean trouble = true;
    long nowMillis;
    long uids;

    MembershipSimulation(long seed, Bug bug) {
        this.random = new CounterRandom(seed);
        this.bug = bug;
        this.databaseOffsetMillis = random.nextInt(1_000_000_000);
        this.register = Register.empty(databaseOffsetMillis);
        int coordinators = 2 + random.nextInt(3);
        int workers = random.nextInt(4);
        for (int number = 0; number < coordinators + workers; number++) {
            nodes.add(new SimulatedNode(this, number, number >= workers));
        }
    }

    void note(Object who, String what) {
        happened.add(nowMillis + " ms: " + who + " " + what);
    }

    Register at(Register stored) {
        return new Register(
                nowMillis + databaseOffsetMillis, stored.epoch(), stored.founder(), stored.entries(), stored.hold());
    }

    boolean isCoordinator(NodeId id) {
        return nodes.stream()
                .anyMatch(node -> node.coordinates && node.address().equals(id.address()));
    }

    boolean connected(SimulatedNode one, SimulatedNode other) {
        return !cut.contains(List.of(one.number, other.number)) && !cut.contains(List.of(other.number, one.number));
    }

    boolean goesWrong(Fault fault, double probability) {
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
