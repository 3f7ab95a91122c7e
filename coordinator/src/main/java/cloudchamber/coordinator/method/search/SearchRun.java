package cloudchamber.coordinator.method.search;

import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.Choice;
import cloudchamber.coordinator.method.CompletedRound;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.Election;
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
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A search over steps by score. Nothing is drawn but the steps, and the answer where it is asked to be.
 *
 * @param frontier for each chain the nodes that the open round extends, repeats and all; empty if it is over
 * @param candidates for each chain the nodes of its last round
 * @param texts the finished texts, in the order they were found
 */
public record SearchRun(
        Design design,
        int round,
        PrefixTree tree,
        List<List<Integer>> frontier,
        List<List<Integer>> candidates,
        List<Integer> texts,
        Cost cost,
        OptionalInt drawn,
        Optional<RunStopped.Reason> stopReason,
        Optional<RunFailed> failure)
        implements MethodRun {

    /**
     * What does not change during a run.
     *
     * @param most how many texts count for the answer, the best
     */
    public record Design(
            Search search, int most, Sampling sampling, Potential potential, Selection selection, Answers answers) {}

    public static SearchRun start(Design design) {
        int chains = design.search().chains();
        return new SearchRun(
                design,
                0,
                PrefixTree.EMPTY,
                Collections.nCopies(chains, Collections.nCopies(design.search().width(), 0)),
                Collections.nCopies(chains, List.of()),
                List.of(),
                Cost.NONE,
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private boolean ended() {
        return failure.isPresent()
                || stopReason.isPresent()
                || frontier.stream().allMatch(List::isEmpty);
    }

    @Override
    public RoundPlan plan() {
        if (ended()) {
            return RoundPlan.none(round);
        }
        var expansions = new ArrayList<Expansion>();
        for (int chain = 0; chain < frontier.size(); chain++) {
            for (int slot = 0; slot < frontier.get(chain).size(); slot++) {
                expansions.add(new Expansion(
                        chain, 0, slot, Purpose.EXTEND, frontier.get(chain).get(slot), design.sampling(), Extent.STEP));
            }
        }
        return new RoundPlan(round, expansions, true);
    }

    @Override
    public List<MethodEvent> decide(CompletedRound completed, RandomStreams random) {
        if (completed.round() != round || ended()) {
            return List.of();
        }
        var nodes = new ArrayList<Node>();
        var found = new ArrayList<List<Integer>>();
        frontier.forEach(chain -> found.add(new ArrayList<>()));
        for (var extension : completed.extensions()) {
            var node = extension.node(tree, tree.size() + nodes.size());
            nodes.add(node);
            found.get(extension.expansion().chain()).add(node.id());
        }
        var grown = tree.plus(nodes);
        var populations = new ArrayList<Population>();
        for (int chain = 0; chain < found.size(); chain++) {
            if (frontier.get(chain).isEmpty()) {
                continue;
            }
            var population = population(grown, chain, found.get(chain));
            if (population.isEmpty()) {
                return List.of(
                        new RoundClosed(round, nodes, List.of(), List.of(), completed.cost()),
                        new RunFailed(
                                RunFailed.Category.WEIGHT_INVALID,
                                "scores must be numbers: one was not in round " + round));
            }
            populations.add(population.get());
        }
        var closed = new RoundClosed(round, nodes, populations, List.of(), completed.cost());
        return List.of(new RoundClosed(round, nodes, populations, after(closed).selected(random), completed.cost()));
    }

    private Optional<Population> population(PrefixTree grown, int chain, List<Integer> found) {
        var logScores = found.stream()
                .map(node -> Merit.logScore(design.potential(), grown, node))
                .toList();
        var scores = logScores.stream().mapToDouble(StrictMath::exp).toArray();
        var finished = new boolean[scores.length];
        int done = texts.size();
        for (int candidate = 0; candidate < scores.length; candidate++) {
            finished[candidate] = grown.finished(found.get(candidate));
            done += finished[candidate] ? 1 : 0;
        }
        return Merit.population(chain, found, logScores, design.search().next(scores, finished, done));
    }

    private List<Choice> selected(RandomStreams random) {
        if (design.selection() != Selection.DRAW || !ended()) {
            return List.of();
        }
        var drawn = Election.of(tree, counted(), weights(), design.answers())
                .draw(random.stream(0, 0, Math.max(0, round - 1), 0, Purpose.SELECT));
        return drawn.isPresent() ? List.of(new Choice(Purpose.SELECT, 0, 0, List.of(drawn.getAsInt()))) : List.of();
    }

    private double[] weights() {
        return Search.outcome(
                        tree,
                        counted(),
                        true,
                        design.potential(),
                        Selection.ARGMAX,
                        design.answers(),
                        OptionalInt.empty(),
                        stopReason)
                .particles()
                .stream()
                .mapToDouble(Outcome.Particle::weight)
                .toArray();
    }

    @Override
    public List<MethodEvent> stop(RunStopped.Reason reason, String detail, RandomStreams random) {
        if (ended()) {
            return List.of();
        }
        var stopped = evolve(new RunStopped(reason, detail, List.of()));
        return List.of(new RunStopped(reason, detail, stopped.selected(random)));
    }

    @Override
    public SearchRun evolve(MethodEvent event) {
        if (ended()) {
            return this;
        }
        return switch (event) {
            case RoundClosed closed -> closed.round() == round ? after(closed) : this;
            case RunStopped stopped -> with(Optional.of(stopped.reason()), failure, drawn(stopped.choices()));
            case RunFailed failed -> with(stopReason, Optional.of(failed), drawn);
        };
    }

    private SearchRun after(RoundClosed closed) {
        var grown = tree.plus(closed.nodes());
        var nextFrontier = new ArrayList<>(frontier);
        var nextCandidates = new ArrayList<>(candidates);
        var nextTexts = new ArrayList<>(texts);
        for (var population : closed.populations()) {
            boolean over = !population.resampled();
            nextFrontier.set(population.chain(), over ? List.of() : population.children());
            nextCandidates.set(population.chain(), population.nodes());
            for (int node : population.nodes()) {
                if (design.search().lastRoundOnly() ? over : grown.finished(node)) {
                    nextTexts.add(node);
                }
            }
        }
        return new SearchRun(
                design,
                round + 1,
                grown,
                nextFrontier,
                nextCandidates,
                nextTexts,
                cost.plus(closed.cost()),
                drawn(closed.choices()),
                stopReason,
                failure);
    }

    private static OptionalInt drawn(List<Choice> choices) {
        return choices.stream().mapToInt(choice -> choice.indices().getFirst()).findFirst();
    }

    private SearchRun with(Optional<RunStopped.Reason> stopReason, Optional<RunFailed> failure, OptionalInt drawn) {
        return new SearchRun(design, round, tree, frontier, candidates, texts, cost, drawn, stopReason, failure);
    }

    /** The texts that count for the answer: the best, in the order they were found. */
    private List<Integer> counted() {
        var all = stopReason.equals(Optional.of(RunStopped.Reason.TOKEN_BUDGET))
                ? Stream.concat(texts.stream(), candidates.stream().flatMap(List::stream))
                        .distinct()
                        .toList()
                : texts;
        var best = all.stream()
                .sorted(Comparator.comparingDouble((Integer node) -> Merit.logScore(design.potential(), tree, node))
                        .reversed())
                .limit(design.most())
                .toList();
        return all.stream().filter(best::contains).toList();
    }

    @Override
    public Optional<Outcome> outcome() {
        return !ended() || failure.isPresent()
                ? Optional.empty()
                : Optional.of(Search.outcome(
                        tree,
                        counted(),
                        true,
                        design.potential(),
                        design.selection(),
                        design.answers(),
                        drawn,
                        stopReason));
    }
}
