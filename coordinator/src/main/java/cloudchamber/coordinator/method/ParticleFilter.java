package cloudchamber.coordinator.method;

import cloudchamber.coordinator.method.MethodEvent.RoundClosed;
import cloudchamber.coordinator.method.MethodEvent.RunFailed;
import cloudchamber.coordinator.smc.Resampler;
import cloudchamber.coordinator.smc.Resamplers;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.ParticleFilterSettings;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Resampling;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Selection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A particle filter: one sweep of one chain. */
final class ParticleFilter implements MethodRun {
    private final Setting setting;
    private final int round;
    private final PrefixTree tree;
    private final Sweep sweep;
    private final Cost cost;
    private final OptionalInt drawn;
    private final Optional<RunFailed> failure;

    /** What does not change during a run. */
    private record Setting(Sampling sampling, Limits limits, Answers answers, Weighing weighing, Selection selection) {}

    private ParticleFilter(
            Setting setting,
            int round,
            PrefixTree tree,
            Sweep sweep,
            Cost cost,
            OptionalInt drawn,
            Optional<RunFailed> failure) {
        this.setting = setting;
        this.round = round;
        this.tree = tree;
        this.sweep = sweep;
        this.cost = cost;
        this.drawn = drawn;
        this.failure = failure;
    }

    static ParticleFilter start(ParticleFilterSettings settings, Sampling sampling, Limits limits, Answers answers) {
        var weighing = new Weighing(
                Twist.of(settings.target(), Potential.aggregated(settings.aggregation())),
                settings.softmaxTemperature(),
                settings.essThreshold(),
                resampler(settings.resampling()));
        return new ParticleFilter(
                new Setting(sampling, limits, answers, weighing, settings.selection()),
                0,
                PrefixTree.EMPTY,
                Sweep.start(0, 0, settings.particles()),
                Cost.NONE,
                OptionalInt.empty(),
                Optional.empty());
    }

    private static Resampler resampler(Resampling resampling) {
        return switch (resampling) {
            case MULTINOMIAL -> Resamplers.multinomial();
            case SYSTEMATIC -> Resamplers.systematic();
            case RESIDUAL, STRATIFIED, SYSTEMATIC_SHUFFLED, SSP, OPTIMAL ->
                throw new IllegalArgumentException(
                        "method.resampling must be systematic or multinomial: was " + resampling.id());
        };
    }

    @Override
    public RoundPlan plan() {
        return failure.isPresent()
                ? RoundPlan.none(round)
                : new RoundPlan(round, sweep.expansions(tree, setting.sampling()), true);
    }

    @Override
    public List<MethodEvent> decide(CompletedRound completed, RandomStreams random) {
        if (completed.round() != round || plan().isEmpty()) {
            return List.of();
        }
        var nodes = new ArrayList<Node>();
        var moves = new HashMap<Integer, Integer>();
        for (var extension : completed.extensions()) {
            var expansion = extension.expansion();
            int id = tree.size() + nodes.size();
            nodes.add(new Node(
                    id, expansion.parent(), tree.depth(expansion.parent()) + 1, extension.step(), extension.logOdds()));
            moves.put(expansion.slot(), id);
        }
        var grown = tree.plus(nodes);
        var population = setting.weighing()
                .close(grown, sweep, sweep.moved(moves), random.stream(0, 0, round, 0, Purpose.RESAMPLE));
        if (population.isEmpty()) {
            return List.of(
                    new RoundClosed(round, nodes, List.of(), List.of(), completed.cost()),
                    new RunFailed(
                            RunFailed.Category.WEIGHT_INVALID,
                            "log-weights must be numbers below +Infinity: one was not in round " + round));
        }
        var next = sweep.after(population.get());
        var choices = new ArrayList<Choice>();
        var events = new ArrayList<MethodEvent>();
        if (setting.selection() == Selection.DRAW && next.over(grown) && !next.allDead()) {
            Election.of(grown, next.nodes(), next.shares(), setting.answers())
                    .draw(random.stream(0, 0, round, 0, Purpose.SELECT))
                    .ifPresent(slot -> choices.add(new Choice(Purpose.SELECT, 0, 0, List.of(slot))));
        }
        events.add(new RoundClosed(round, nodes, List.of(population.get()), choices, completed.cost()));
        if (next.allDead()) {
            events.add(new RunFailed(
                    RunFailed.Category.ALL_PARTICLES_DEAD,
                    "at least one of " + next.particles() + " particles must have a positive weight: none had in round "
                            + round));
        }
        return events;
    }

    @Override
    public ParticleFilter evolve(MethodEvent event) {
        return switch (event) {
            case RoundClosed closed -> closed.round() == round && !plan().isEmpty() ? after(closed) : this;
            case RunFailed failed ->
                new ParticleFilter(setting, round, tree, sweep, cost, drawn, Optional.of(failure.orElse(failed)));
        };
    }

    private ParticleFilter after(RoundClosed closed) {
        var next = sweep;
        for (var population : closed.populations()) {
            next = next.after(population);
        }
        var selected = closed.choices().stream()
                .mapToInt(choice -> choice.indices().getFirst())
                .findFirst();
        return new ParticleFilter(
                setting, round + 1, tree.plus(closed.nodes()), next, cost.plus(closed.cost()), selected, failure);
    }

    @Override
    public PrefixTree tree() {
        return tree;
    }

    @Override
    public Cost cost() {
        return cost;
    }

    @Override
    public Optional<Outcome> outcome() {
        if (failure.isPresent() || sweep.allDead() || !sweep.over(tree)) {
            return Optional.empty();
        }
        var election = Election.of(tree, sweep.nodes(), sweep.shares(), setting.answers());
        return Optional.of(new Outcome(
                election.particles(),
                election.posterior(),
                election.winner(setting.selection(), drawn, tree),
                sweep.logEvidenceNow(),
                null));
    }

    @Override
    public Optional<RunFailed> failure() {
        return failure;
    }
}
