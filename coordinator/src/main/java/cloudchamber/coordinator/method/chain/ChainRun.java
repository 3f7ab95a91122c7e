package cloudchamber.coordinator.method.chain;

import cloudchamber.coordinator.method.Choice;
import cloudchamber.coordinator.method.CompletedRound;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.Draws;
import cloudchamber.coordinator.method.Election;
import cloudchamber.coordinator.method.Expansion;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.MethodEvent.RoundClosed;
import cloudchamber.coordinator.method.MethodEvent.RunFailed;
import cloudchamber.coordinator.method.MethodEvent.RunStopped;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.method.Node;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.Population;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.method.RoundPlan;
import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.Selection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Passes of a particle filter in one or more chains: the particle filter itself, islands, particle Gibbs,
 * parallel tempering and the entropic particle filter are designs of it.
 *
 * <pre>
 *   for each iteration:  step --> step --> … --> every chain's pass is over --> references, swaps
 *                         |  ^
 *                         v  |  where a design looks ahead and a resampling is due
 *                       look ahead
 * </pre>
 */
public record ChainRun(
        ChainDesign design,
        int round,
        int iteration,
        boolean lookingAhead,
        PrefixTree tree,
        List<Pass> passes,
        List<Pass> kept,
        Double firstLogEvidence,
        Cost cost,
        OptionalInt drawn,
        Optional<RunStopped.Reason> stopReason,
        Optional<RunFailed> failure)
        implements MethodRun {
    /*
     * passes are the open pass of each chain, kept the finished ones whose particles count for the answer
     * of a design that is not pooled. The evidence of such a design is that of the first, unconditional
     * pass of chain 0.
     */
    private static final Sampling GREEDY = Sampling.atTemperature(0);

    public static ChainRun start(ChainDesign design) {
        return new ChainRun(
                design,
                0,
                0,
                false,
                PrefixTree.EMPTY,
                passes(design, 0, Collections.nCopies(design.chains(), 0)),
                List.of(),
                null,
                Cost.NONE,
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static List<Pass> passes(ChainDesign design, int iteration, List<Integer> references) {
        var passes = new ArrayList<Pass>();
        for (int chain = 0; chain < design.chains(); chain++) {
            passes.add(Pass.start(chain, iteration, design.particles(), references.get(chain)));
        }
        return passes;
    }

    // ---- what it needs

    @Override
    public RoundPlan plan() {
        return ended() ? RoundPlan.none(round) : new RoundPlan(round, expansions(), design.scored());
    }

    private List<Expansion> expansions() {
        var expansions = new ArrayList<Expansion>();
        for (var pass : passes) {
            expansions.addAll(
                    lookingAhead
                            ? pass.expansions(tree, Purpose.LOOK_AHEAD, GREEDY)
                            : pass.branched(tree, design.branching())
                                    .expansions(tree, Purpose.EXTEND, design.sampling()));
        }
        return expansions;
    }

    private boolean ended() {
        return failure.isPresent() || stopReason.isPresent() || iteration == design.iterations();
    }

    // ---- what it decides

    @Override
    public List<MethodEvent> decide(CompletedRound completed, RandomStreams random) {
        if (completed.round() != round || ended()) {
            return List.of();
        }
        var events = new ArrayList<MethodEvent>();
        var run = this;
        var input = completed;
        do {
            for (var event : run.close(input, random)) {
                events.add(event);
                run = run.evolve(event);
            }
            /* A conditional pass may have steps in which only the reference moves: they need nothing. */
            input = new CompletedRound(run.round, List.of(), Cost.NONE);
        } while (!run.ended() && run.expansions().isEmpty());
        return events;
    }

    private List<MethodEvent> close(CompletedRound completed, RandomStreams random) {
        var nodes = new ArrayList<Node>();
        var moves = new HashMap<Integer, Map<Integer, Integer>>();
        for (var extension : completed.extensions()) {
            var node = extension.node(tree, tree.size() + nodes.size());
            nodes.add(node);
            moves.computeIfAbsent(extension.expansion().chain(), chain -> new HashMap<>())
                    .put(extension.expansion().slot(), node.id());
        }
        var grown = tree.plus(nodes);
        var populations = new ArrayList<Population>();
        for (var pass : passes) {
            if (pass.over(tree)) {
                continue;
            }
            var population = population(grown, pass, moves.getOrDefault(pass.chain(), Map.of()), random);
            if (population.isEmpty()) {
                return List.of(
                        new RoundClosed(round, nodes, List.of(), List.of(), completed.cost()),
                        new RunFailed(
                                RunFailed.Category.WEIGHT_INVALID,
                                "log-weights must be numbers below +Infinity: one was not in chain " + pass.chain()
                                        + ", round " + round));
            }
            populations.add(population.get());
        }
        var closed = new RoundClosed(round, nodes, populations, List.of(), completed.cost());
        var after = applied(closed);
        var dead = after.dead();
        if (dead.isPresent()) {
            return List.of(closed, dead.get());
        }
        if (after.passesAreOver()) {
            var choices = iteration + 1 < design.iterations() ? after.references(random) : after.selected(random);
            return List.of(new RoundClosed(round, nodes, populations, choices, completed.cost()));
        }
        if (design.certificate() && after.leader().isPresent()) {
            return List.of(
                    closed,
                    new RunStopped(
                            RunStopped.Reason.CERTIFICATE,
                            "no live particle can change the vote after round " + round,
                            List.of()));
        }
        return List.of(closed);
    }

    private Optional<Population> population(
            PrefixTree grown, Pass pass, Map<Integer, Integer> moves, RandomStreams random) {
        var stream = random.stream(pass.chain(), iteration, round, 0, Purpose.RESAMPLE);
        if (lookingAhead) {
            return Optional.of(telescoping(pass).lookedAhead(grown, pass, moves, stream));
        }
        var before = pass.branched(tree, design.branching());
        return weighing(pass).close(grown, before, before.moved(grown, moves), stream);
    }

    private Weighing weighing(Pass pass) {
        return design.weighings().get(pass.chain());
    }

    private Telescoping telescoping(Pass pass) {
        return (Telescoping) weighing(pass);
    }

    private Optional<RunFailed> dead() {
        long dead = passes.stream().filter(Pass::allDead).count();
        return dead == passes.size() || dead > 0 && !design.pooled()
                ? Optional.of(new RunFailed(
                        RunFailed.Category.ALL_PARTICLES_DEAD,
                        "at least one particle must have a positive weight: none of " + dead + " chains of "
                                + design.particles() + " had one in round " + (round - 1)))
                : Optional.empty();
    }

    /** The reference of each chain for its next pass, and which neighbours swap theirs. */
    private List<Choice> references(RandomStreams random) {
        /*
         * Even and odd pairs take turns. With π_k ∝ p ψ^{β_k}, p cancels:
         * log A = min(0, (β_k - β_{k+1}) (log ψ(x_{k+1}) - log ψ(x_k))).
         */
        var choices = new ArrayList<Choice>();
        var references = new ArrayList<Integer>();
        for (var pass : passes) {
            int slot = Draws.index(
                    LogWeights.of(pass.logWeights()),
                    random.stream(pass.chain(), iteration, round - 1, 0, Purpose.REFERENCE));
            references.add(pass.nodes().get(slot));
            choices.add(new Choice(Purpose.REFERENCE, pass.chain(), iteration, List.of(slot)));
        }
        for (int chain = iteration % 2; design.swaps() && chain + 1 < passes.size(); chain += 2) {
            double log = Swap.logAcceptance(
                    design.inverseTemperatures().get(chain),
                    design.inverseTemperatures().get(chain + 1),
                    design.twist().log(tree, references.get(chain)),
                    design.twist().log(tree, references.get(chain + 1)));
            double uniform =
                    random.stream(chain, iteration, round - 1, 0, Purpose.SWAP).nextDouble();
            choices.add(new Choice(Purpose.SWAP, chain, iteration, List.of(uniform < StrictMath.exp(log) ? 1 : 0)));
        }
        return choices;
    }

    private List<Choice> selected(RandomStreams random) {
        if (design.selection() != Selection.DRAW) {
            return List.of();
        }
        var drawn = finishedElection().draw(random.stream(0, iteration, Math.max(0, round - 1), 0, Purpose.SELECT));
        return drawn.isPresent()
                ? List.of(new Choice(Purpose.SELECT, 0, iteration, List.of(drawn.getAsInt())))
                : List.of();
    }

    /** The election if the run's last passes were over now. */
    private Election finishedElection() {
        return iteration < design.iterations() && passesAreOver()
                ? iterated(List.of()).election()
                : election();
    }

    /** The answer that stays ahead in the vote whatever the live particles become. */
    private Optional<String> leader() {
        return Certificate.leader(
                tree,
                passes.getFirst(),
                design.twist(),
                design.target(),
                telescoping(passes.getFirst()).schedule().end(),
                design.answers());
    }

    @Override
    public List<MethodEvent> stop(RunStopped.Reason reason, String detail, RandomStreams random) {
        if (ended()) {
            return List.of();
        }
        Double temperature = reason == RunStopped.Reason.TOKEN_BUDGET ? temperatureOfTheEnd() : null;
        var stopped = evolve(new RunStopped(reason, detail, List.of(), temperature));
        return List.of(new RunStopped(reason, detail, stopped.selected(random), temperature));
    }

    /** The last softmax temperature, if an open pass has not come to it; else null. */
    private Double temperatureOfTheEnd() {
        return passes.stream()
                .filter(pass -> weighing(pass).ended(tree, pass).temperature() != pass.temperature())
                .findFirst()
                .map(pass -> weighing(pass).ended(tree, pass).temperature())
                .orElse(null);
    }

    // ---- what becomes of it

    @Override
    public ChainRun evolve(MethodEvent event) {
        return switch (event) {
            case RoundClosed closed -> closed.round() == round && !ended() ? after(closed) : this;
            case RunStopped stopped ->
                ended()
                        ? this
                        : (stopped.temperature() == null ? this : cooled())
                                .with(Optional.of(stopped.reason()), failure, first(stopped.choices(), Purpose.SELECT));
            case RunFailed failed -> ended() ? this : with(stopReason, Optional.of(failed), drawn);
        };
    }

    private ChainRun after(RoundClosed closed) {
        var applied = applied(closed);
        return applied.passesAreOver() && !applied.lost() ? applied.iterated(closed.choices()) : applied;
    }

    /** After a round's nodes and populations; its choices not yet made. */
    private ChainRun applied(RoundClosed closed) {
        var next = new ArrayList<>(passes);
        for (var population : closed.populations()) {
            var pass = next.get(population.chain());
            next.set(population.chain(), lookingAhead ? pass.resampled(population) : pass.after(population));
        }
        var grown = tree.plus(closed.nodes());
        boolean looksAhead = design.lookAhead()
                && !lookingAhead
                && !next.getFirst().over(grown)
                && telescoping(next.getFirst())
                        .wanted(next.getFirst(), LogWeights.of(next.getFirst().logWeights()));
        return new ChainRun(
                design,
                round + 1,
                iteration,
                looksAhead,
                grown,
                next,
                kept,
                firstLogEvidence,
                cost.plus(closed.cost()),
                drawn,
                stopReason,
                failure);
    }

    /** After the passes of an iteration, with the choices made between them and the next. */
    private ChainRun iterated(List<Choice> choices) {
        var nextKept = new ArrayList<>(kept);
        if (iteration >= Math.min(design.burnIn(), design.iterations() - 1)) {
            nextKept.addAll(design.pooled() ? passes : passes.subList(0, 1));
        }
        boolean last = iteration + 1 == design.iterations();
        return new ChainRun(
                design,
                round,
                iteration + 1,
                false,
                tree,
                last ? passes : passes(design, iteration + 1, references(choices)),
                nextKept,
                iteration == 0 ? (Double) passes.getFirst().logEvidenceNow() : firstLogEvidence,
                cost,
                first(choices, Purpose.SELECT),
                stopReason,
                failure);
    }

    /** The node in which each chain's next reference ends, after the swaps. */
    private List<Integer> references(List<Choice> choices) {
        var references = new ArrayList<>(Collections.nCopies(passes.size(), 0));
        for (var choice : choices) {
            int index = choice.indices().getFirst();
            if (choice.purpose() == Purpose.REFERENCE) {
                references.set(
                        choice.chain(), passes.get(choice.chain()).nodes().get(index));
            } else if (choice.purpose() == Purpose.SWAP && index == 1) {
                Collections.swap(references, choice.chain(), choice.chain() + 1);
            }
        }
        return references;
    }

    private static OptionalInt first(List<Choice> choices, Purpose purpose) {
        return choices.stream()
                .filter(choice -> choice.purpose() == purpose)
                .mapToInt(choice -> choice.indices().getFirst())
                .findFirst();
    }

    /** With the weights of every pass at the end of its temperature schedule. */
    private ChainRun cooled() {
        return new ChainRun(
                design,
                round,
                iteration,
                lookingAhead,
                tree,
                passes.stream().map(pass -> weighing(pass).ended(tree, pass)).toList(),
                kept,
                firstLogEvidence,
                cost,
                drawn,
                stopReason,
                failure);
    }

    private ChainRun with(Optional<RunStopped.Reason> stopReason, Optional<RunFailed> failure, OptionalInt drawn) {
        return new ChainRun(
                design,
                round,
                iteration,
                lookingAhead,
                tree,
                passes,
                kept,
                firstLogEvidence,
                cost,
                drawn,
                stopReason,
                failure);
    }

    private boolean passesAreOver() {
        return passes.stream().allMatch(pass -> pass.over(tree));
    }

    /** Whether too few chains are alive to go on or to answer. */
    private boolean lost() {
        return dead().isPresent();
    }

    // ---- what it found

    @Override
    public Optional<Outcome> outcome() {
        if (!ended() || failure.isPresent()) {
            return Optional.empty();
        }
        var reason = stopReason.orElse(null);
        if (reason == RunStopped.Reason.CERTIFICATE) {
            return Optional.of(new Outcome(
                    List.of(),
                    null,
                    leader().orElseThrow(),
                    null,
                    "a certificate ended the run before its weights were known",
                    clippedScores(),
                    reason));
        }
        var election = election();
        var noEvidence = design.weighings().getFirst().noEvidence().orElse(missingEvidence());
        return Optional.of(new Outcome(
                election.particles(),
                election.posterior(),
                election.winner(design.selection(), drawn, tree, design.potential()),
                noEvidence == null ? logEvidence() : null,
                noEvidence,
                clippedScores(),
                reason));
    }

    private String missingEvidence() {
        if (stopReason.isPresent()) {
            return "the run was stopped before its particles were finished";
        }
        return firstLogEvidence == null ? "no sweep was finished" : null;
    }

    private double logEvidence() {
        return design.pooled()
                ? LogWeights.of(kept.stream().map(Pass::logEvidenceNow).toList())
                        .logMean()
                : firstLogEvidence;
    }

    private Election election() {
        return new ChainVote(design, tree, passes, kept, stopReason).election();
    }

    private int clippedScores() {
        int clipped = 0;
        for (int id = 1; id < tree.size(); id++) {
            if (!design.scored() || !tree.node(id).logOdds().isEmpty()) {
                clipped += Twist.clips(design.target(), design.potential().logOdds(tree, id)) ? 1 : 0;
            }
        }
        return clipped;
    }
}
