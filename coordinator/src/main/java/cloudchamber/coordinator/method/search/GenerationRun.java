package cloudchamber.coordinator.method.search;

import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.CompletedRound;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.Expansion;
import cloudchamber.coordinator.method.Extent;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.MethodEvent.RoundClosed;
import cloudchamber.coordinator.method.MethodEvent.RunFailed;
import cloudchamber.coordinator.method.MethodEvent.RunStopped;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.method.Node;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.Population;
import cloudchamber.coordinator.method.Potential;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.method.RoundPlan;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** The methods whose one round is N whole generations: greedy, self-consistency, best-of-n, weighted best-of-n. */
public record GenerationRun(
        Design design,
        PrefixTree tree,
        Optional<Population> population,
        Cost cost,
        Optional<RunStopped.Reason> stopReason,
        Optional<RunFailed> failure)
        implements MethodRun {

    /**
     * What does not change during a run.
     *
     * @param scored whether texts weigh their scores; else all weigh alike
     */
    public record Design(
            int generations,
            Sampling sampling,
            boolean scored,
            Potential potential,
            Selection selection,
            Answers answers) {}

    public static GenerationRun start(Design design) {
        return new GenerationRun(
                design, PrefixTree.EMPTY, Optional.empty(), Cost.NONE, Optional.empty(), Optional.empty());
    }

    private boolean ended() {
        return population.isPresent() || stopReason.isPresent() || failure.isPresent();
    }

    @Override
    public RoundPlan plan() {
        if (ended()) {
            return RoundPlan.none(1);
        }
        return new RoundPlan(
                0,
                IntStream.range(0, design.generations())
                        .mapToObj(slot ->
                                new Expansion(0, 0, slot, Purpose.EXTEND, 0, design.sampling(), Extent.GENERATION))
                        .toList(),
                design.scored());
    }

    @Override
    public List<MethodEvent> decide(CompletedRound completed, RandomStreams random) {
        if (completed.round() != 0 || ended()) {
            return List.of();
        }
        var nodes = new ArrayList<Node>();
        for (var extension : completed.extensions()) {
            nodes.add(extension.node(tree, tree.size() + nodes.size()));
        }
        var grown = tree.plus(nodes);
        var ids = nodes.stream().map(Node::id).toList();
        var logScores = ids.stream()
                .map(id -> design.scored() ? Merit.logScore(design.potential(), grown, id) : 0.0)
                .toList();
        var weighed = Merit.population(0, ids, logScores, List.of());
        if (weighed.isEmpty()) {
            return List.of(
                    new RoundClosed(0, nodes, List.of(), List.of(), completed.cost()),
                    new RunFailed(RunFailed.Category.WEIGHT_INVALID, "scores must be numbers: one was not in round 0"));
        }
        return List.of(new RoundClosed(0, nodes, List.of(weighed.get()), List.of(), completed.cost()));
    }

    @Override
    public List<MethodEvent> stop(RunStopped.Reason reason, String detail, RandomStreams random) {
        return ended() ? List.of() : List.of(new RunStopped(reason, detail, List.of()));
    }

    @Override
    public GenerationRun evolve(MethodEvent event) {
        if (ended()) {
            return this;
        }
        return switch (event) {
            case RoundClosed closed ->
                closed.round() != 0 || tree.size() > 1
                        ? this
                        : new GenerationRun(
                                design,
                                tree.plus(closed.nodes()),
                                closed.populations().stream().findFirst(),
                                cost.plus(closed.cost()),
                                stopReason,
                                failure);
            case RunStopped stopped ->
                new GenerationRun(design, tree, population, cost, Optional.of(stopped.reason()), failure);
            case RunFailed failed -> new GenerationRun(design, tree, population, cost, stopReason, Optional.of(failed));
        };
    }

    @Override
    public Optional<Outcome> outcome() {
        if (!ended() || failure.isPresent()) {
            return Optional.empty();
        }
        return Optional.of(Search.outcome(
                tree,
                population.map(Population::nodes).orElse(List.of()),
                design.scored(),
                design.potential(),
                design.selection(),
                design.answers(),
                OptionalInt.empty(),
                stopReason));
    }
}
