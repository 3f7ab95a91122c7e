package cloudchamber.simulation;

import cloudchamber.coordinator.method.CompletedRound;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.Extension;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.method.Node;
import cloudchamber.coordinator.method.Population;
import cloudchamber.coordinator.problem.ProblemEvent;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.coordinator.problem.ProblemState;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.StepKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The journal of a simulated cluster, and who holds it to what was promised. Each check names its
 * invariant:
 *
 * <ul>
 *   <li>I1: a problem is accepted once, ends once, and what was told of its end stays true
 *   <li>I2: rounds follow each other; ancestors are particles; weights are numbers or dead
 *   <li>I3: what was drawn follows from what was generated
 *   <li>I4: each node of the tree is committed once, below one that is there
 *   <li>I5: an append builds on the last one
 *   <li>I6: every token that a problem was told of stands in its journal once, as committed or as wasted, and it
 *       is told of none that no backend spent
 * </ul>
 */
final class Journal {
    private final Map<String, List<ProblemEvent>> logs = new LinkedHashMap<>();
    private final Map<String, ProblemStatus> ends = new LinkedHashMap<>();
    private final Set<String> changed = new LinkedHashSet<>();
    private final Map<StepKey, Long> spent = new HashMap<>();
    private final Map<StepKey, Long> told = new HashMap<>();
    private final Map<String, Long> written = new HashMap<>();

    /** @param problems the ids of their entities */
    Journal(List<String> problems) {
        problems.forEach(problem -> logs.put(problem, new ArrayList<>()));
    }

    /** The ids of their entities. */
    List<String> problems() {
        return List.copyOf(logs.keySet());
    }

    List<ProblemEvent> read(String problem) {
        return List.copyOf(logs.get(problem));
    }

    /** Takes events that follow {@code sequence} others, or refuses them, in one piece. */
    boolean append(String problem, int sequence, List<ProblemEvent> events, boolean fenced) {
        var log = logs.get(problem);
        if (fenced && sequence != log.size()) {
            return false;
        }
        require(sequence == log.size(), "I5", problem, "an append after " + sequence + " of " + log.size() + " events");
        log.addAll(events);
        changed.add(problem);
        return true;
    }

    /** Someone was told that the problem has ended. */
    void told(String problem, ProblemStatus status) {
        ends.put(problem, status);
        changed.add(problem);
    }

    /** A backend spent tokens. */
    void spent(StepKey key, long tokens) {
        spent.merge(key, tokens, Long::sum);
    }

    /** A problem was told that tokens were spent. */
    void told(StepKey key, long tokens) {
        told.merge(key, tokens, Long::sum);
        long most = spent.getOrDefault(key, 0L);
        require(
                told.get(key) <= most,
                "I6",
                key.problem() + " of " + key.job(),
                "it was told of " + told.get(key) + " tokens for " + key + ", for which " + most + " were spent");
    }

    /** What a problem was told of between two of its writes. */
    void written(String problem, long tokens) {
        written.merge(problem, tokens, Long::sum);
        changed.add(problem);
    }

    /** Tokens that the backends spent on everything. */
    long spentTokens() {
        return spent.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Tokens that the problems account for: committed and wasted. */
    long accountedTokens() {
        return logs.keySet().stream().mapToLong(this::accountedTokens).sum();
    }

    private long accountedTokens(String problem) {
        return logs.get(problem).stream().mapToLong(Journal::tokens).sum();
    }

    /** Those among them that were spent for nothing. */
    long wastedTokens() {
        return logs.values().stream()
                .flatMap(List::stream)
                .mapToLong(event -> switch (event) {
                    case ProblemEvent.Started started -> 0;
                    case ProblemEvent.Ended ended -> ended.wasted().wastedTokens();
                    case ProblemEvent.Advanced advanced ->
                        advanced.event() instanceof MethodEvent.RoundClosed closed
                                ? closed.cost().wastedTokens()
                                : 0;
                })
                .sum();
    }

    boolean allEnded() {
        return open().isEmpty();
    }

    List<String> open() {
        return logs.keySet().stream()
                .filter(problem ->
                        logs.get(problem).isEmpty() || !(logs.get(problem).getLast() instanceof ProblemEvent.Ended))
                .toList();
    }

    /** What a problem came to, its cost apart: what no fault may change. */
    List<Object> result(String problem) {
        var result = new ArrayList<Object>();
        for (var event : logs.get(problem)) {
            switch (event) {
                case ProblemEvent.Started started -> result.add(free(started.specification()));
                case ProblemEvent.Advanced(var schema, var happened, var atMillis, var classes) ->
                    result.add(free(happened));
                case ProblemEvent.Ended(var schema, var status, var failure, var wasted, var atMillis, var summary) ->
                    result.add(status + failure);
            }
        }
        return result;
    }

    /** All but its place in the queue, which follows the time of its job's acceptance. */
    private static List<Object> free(ProblemSpecification specification) {
        return List.of(
                specification.job(),
                specification.problem(),
                specification.prompt(),
                specification.method(),
                specification.policy(),
                specification.prm(),
                specification.sampling(),
                specification.limits(),
                specification.stops(),
                specification.seed(),
                specification.grader(),
                specification.attemptNumber());
    }

    private static MethodEvent free(MethodEvent event) {
        return switch (event) {
            case MethodEvent.RoundClosed(var round, var nodes, var populations, var choices, var cost) ->
                new MethodEvent.RoundClosed(round, nodes, populations, choices, Cost.NONE);
            case MethodEvent.RunFailed failed -> failed;
            case MethodEvent.RunStopped stopped -> stopped;
        };
    }

    // ---- invariants

    /** Holds everything that changed since the last time to every invariant. */
    void check() {
        changed.forEach(this::check);
        changed.clear();
    }

    private static long tokens(ProblemEvent event) {
        return switch (event) {
            case ProblemEvent.Started started -> 0;
            case ProblemEvent.Ended ended -> ended.wasted().wastedTokens();
            case ProblemEvent.Advanced advanced ->
                advanced.event() instanceof MethodEvent.RoundClosed closed
                        ? closed.cost().promptTokens()
                                + closed.cost().completionTokens()
                                + closed.cost().prmTokens()
                                + closed.cost().wastedTokens()
                        : 0;
        };
    }

    private void check(String problem) {
        if (logs.get(problem).isEmpty()) {
            return;
        }
        var specification = ((ProblemEvent.Started) logs.get(problem).getFirst()).specification();
        var random = RandomStreams.of(specification.seed(), specification.problem());
        ProblemState state = new ProblemState.Unknown();
        for (var event : logs.get(problem)) {
            switch (event) {
                case ProblemEvent.Started started ->
                    require(state instanceof ProblemState.Unknown, "I1", problem, "started twice");
                case ProblemEvent.Advanced(var schema, var happened, var atMillis, var classes) -> {
                    require(state instanceof ProblemState.Running, "I1", problem, "advanced after its end");
                    if (happened instanceof MethodEvent.RoundClosed closed) {
                        check(problem, ((ProblemState.Running) state).run(), closed, random);
                    }
                }
                case ProblemEvent.Ended ended ->
                    require(state instanceof ProblemState.Running, "I1", problem, "ended twice");
            }
            state = state.evolve(event);
        }
        long accounted = accountedTokens(problem);
        long heard = written.getOrDefault(problem, 0L);
        require(accounted == heard, "I6", problem, accounted + " tokens accounted for, told of " + heard);
        if (ends.containsKey(problem)) {
            require(
                    state instanceof ProblemState.Ended ended && ended.status() == ends.get(problem),
                    "I1",
                    problem,
                    "said to be " + ends.get(problem) + " and is not");
        }
    }

    private static void check(String problem, MethodRun run, MethodEvent.RoundClosed closed, RandomStreams random) {
        var plan = run.plan();
        require(closed.round() == plan.round(), "I2", problem, "round " + closed.round() + " after " + plan.round());
        for (var population : closed.populations()) {
            check(problem, population);
        }
        require(
                closed.nodes().size() == plan.expansions().size(),
                "I4",
                problem,
                closed.nodes().size() + " nodes for " + plan.expansions().size() + " expansions");
        var extensions = new ArrayList<Extension>();
        for (int place = 0; place < closed.nodes().size(); place++) {
            Node node = closed.nodes().get(place);
            require(node.id() == run.tree().size() + place, "I4", problem, "node " + node.id() + " is not new");
            extensions.add(new Extension(plan.expansions().get(place), node.step(), node.logOdds()));
        }
        var again = run.decide(new CompletedRound(closed.round(), extensions, closed.cost()), random);
        require(again.getFirst().equals(closed), "I3", problem, "the round decided again is " + again);
    }

    private static void check(String problem, Population population) {
        int size = population.nodes().size();
        require(
                population.ancestors().stream().allMatch(ancestor -> ancestor >= 0 && ancestor < size),
                "I2",
                problem,
                "ancestors " + population.ancestors());
        require(
                population.logWeights().stream()
                        .noneMatch(weight -> Double.isNaN(weight) || weight == Double.POSITIVE_INFINITY),
                "I2",
                problem,
                "log-weights " + population.logWeights());
    }

    private static void require(boolean holds, String invariant, String problem, String seen) {
        if (!holds) {
            throw new AssertionError(invariant + " [" + problem + "]: " + seen);
        }
    }
}
