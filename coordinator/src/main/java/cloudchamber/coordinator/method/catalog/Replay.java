package cloudchamber.coordinator.method.catalog;

import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.Election;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.Potential;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.method.chain.Twist;
import cloudchamber.coordinator.method.search.GenerationRun;
import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.BeamSearchSettings;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.DvtsSettings;
import cloudchamber.protocol.model.method.EntropicParticleFilterSettings;
import cloudchamber.protocol.model.method.GreedySettings;
import cloudchamber.protocol.model.method.IslandsSettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParallelTemperingSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.ParticleGibbsSettings;
import cloudchamber.protocol.model.method.RebaseSettings;
import cloudchamber.protocol.model.method.Selection;
import cloudchamber.protocol.model.method.SelfConsistencySettings;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.WeightedBestOfNSettings;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A recorded run answered under another law, without any model: its final particles weighed again by
 * π_new/π_old.
 */
public sealed interface Replay {
    /**
     * @param ess of the new weights, to be read before the outcome: a law far from the recorded one leaves few
     *     particles
     */
    record Reweighted(Outcome outcome, double ess) implements Replay {}

    /** @param detail one sentence: what was expected, what was seen */
    record Refused(String detail) implements Replay {}

    /**
     * What a run's particles are a sample of, and how its answer is chosen.
     *
     * @param temperature the softmax temperature, the last one
     */
    record Law(Target target, double temperature, Aggregation aggregation, Selection selection) {
        public Law {
            if (!(temperature > 0) || Double.isInfinite(temperature)) {
                throw new IllegalArgumentException("temperature must be a positive number: was " + temperature);
            }
            if (target == Target.PRODUCT && aggregation != Aggregation.LAST) {
                throw new IllegalArgumentException(
                        "the target product takes the aggregation last alone: was " + aggregation.id());
            }
        }

        /** The one a run was recorded under; for a method without one, what its kind usually has. */
        public static Law of(MethodSettings settings) {
            return switch (settings) {
                case ParticleFilterSettings filter ->
                    new Law(
                            filter.target(),
                            filter.softmaxTemperature().end(),
                            filter.aggregation(),
                            filter.selection());
                case IslandsSettings islands ->
                    new Law(
                            islands.target(),
                            islands.softmaxTemperature().end(),
                            islands.aggregation(),
                            islands.selection());
                case ParticleGibbsSettings gibbs ->
                    new Law(gibbs.target(), gibbs.softmaxTemperature().end(), gibbs.aggregation(), gibbs.selection());
                case ParallelTemperingSettings tempering ->
                    new Law(
                            tempering.target(),
                            tempering.softmaxTemperature(),
                            tempering.aggregation(),
                            tempering.selection());
                case EntropicParticleFilterSettings entropic ->
                    new Law(entropic.target(), 1, entropic.aggregation(), entropic.selection());
                case BestOfNSettings best -> new Law(Target.FINAL, 1, best.aggregation(), Selection.BEST_SCORE);
                case WeightedBestOfNSettings best -> new Law(Target.FINAL, 1, best.aggregation(), Selection.VOTE);
                case GreedySettings greedy -> USUAL;
                case BeamSearchSettings beam -> USUAL;
                case DvtsSettings dvts -> USUAL;
                case RebaseSettings rebase -> USUAL;
                case SelfConsistencySettings votes -> USUAL;
            };
        }

        private static final Law USUAL = new Law(Target.FINAL, 1, Aggregation.LAST, Selection.VOTE);
    }

    /**
     * The run that {@code events} recorded, under {@code law}.
     *
     * @param random the problem's streams, for {@link Selection#DRAW}
     */
    static Replay of(
            MethodSettings settings,
            Sampling sampling,
            Limits limits,
            Answers answers,
            List<MethodEvent> events,
            Law law,
            RandomStreams random) {
        MethodRun run = Methods.start(settings, sampling, limits, answers);
        for (var event : events) {
            run = run.evolve(event);
        }
        if (run.outcome().isEmpty() || run.outcome().get().stopped() != null) {
            return new Refused("a run must have finished by itself to be weighed again: this one had not");
        }
        if (law.target() == Target.PAPER || law.target() == Target.ITS_HUB) {
            return new Refused("the new target must be final, product or final-log: was "
                    + law.target().id());
        }
        var recorded = recorded(settings, law.target());
        if (recorded instanceof Recorded.Lawless lawless) {
            return new Refused(lawless.detail());
        }
        var early = endedEarly(run.tree(), events, Law.of(settings).temperature());
        if (early.isPresent()) {
            return early.get();
        }
        var potential = settings instanceof ParticleFilterSettings
                ? aggregated(settings, law.aggregation())
                : Potential.aggregated(law.aggregation());
        return weighed(
                run,
                ((Recorded.Known) recorded).twist(),
                Twist.of(law.target(), potential),
                law,
                potential,
                answers,
                random);
    }

    /**
     * Refuses a run of a version that left the particles of a pass at the temperature of its last resampling, before
     * the schedule had come to its end.
     */
    private static Optional<Refused> endedEarly(PrefixTree tree, List<MethodEvent> events, double end) {
        return events.stream()
                .filter(MethodEvent.RoundClosed.class::isInstance)
                .flatMap(event -> ((MethodEvent.RoundClosed) event).populations().stream())
                .filter(population -> population.logEvidence() != null
                        && population.resampled()
                        && population.temperatureAfter() != end
                        && population.children().stream().allMatch(tree::finished))
                .findFirst()
                .map(population -> new Refused("a run must have ended at the last softmax temperature, " + end
                        + ", to be weighed again: this one was recorded by a version that ended at "
                        + population.temperature()));
    }

    /** What is known of the law of a recorded run. */
    sealed interface Recorded {
        /** @param twist log ψ over the temperature */
        record Known(Twist twist) implements Recorded {}

        record Lawless(String detail) implements Recorded {}
    }

    private static Recorded recorded(MethodSettings settings, Target target) {
        return switch (settings) {
            case GreedySettings greedy -> lawless(settings);
            case BeamSearchSettings beam -> lawless(settings);
            case DvtsSettings dvts -> lawless(settings);
            case RebaseSettings rebase -> lawless(settings);
            case SelfConsistencySettings votes ->
                new Recorded.Lawless("a run must have scores to be weighed again: self-consistency has none");
            case BestOfNSettings best -> policy(target);
            case WeightedBestOfNSettings best -> policy(target);
            case ParticleFilterSettings filter ->
                filter.target() == Target.PAPER || filter.target() == Target.ITS_HUB
                        ? published(filter.target())
                        : known(
                                settings,
                                filter.target(),
                                filter.softmaxTemperature().end());
            case IslandsSettings islands ->
                known(settings, islands.target(), islands.softmaxTemperature().end());
            case ParticleGibbsSettings gibbs ->
                known(settings, gibbs.target(), gibbs.softmaxTemperature().end());
            case ParallelTemperingSettings tempering ->
                known(settings, tempering.target(), tempering.softmaxTemperature());
            case EntropicParticleFilterSettings entropic ->
                entropic.corrected() ? known(settings, entropic.target(), 1) : published(Target.ITS_HUB);
        };
    }

    private static Recorded known(MethodSettings settings, Target target, double temperature) {
        var twist = Twist.of(target, Methods.potential(settings));
        return new Recorded.Known((tree, node) -> twist.log(tree, node) / temperature);
    }

    /** Whole generations are a sample of the policy itself; their steps have no scores of their own. */
    private static Recorded policy(Target target) {
        return target == Target.PRODUCT
                ? new Recorded.Lawless("the new target must be final or final-log for whole generations: was product")
                : new Recorded.Known((tree, node) -> 0);
    }

    private static Recorded lawless(MethodSettings settings) {
        return new Recorded.Lawless(
                "a run must sample a stated law to be weighed again: " + settings.id() + " samples none");
    }

    private static Recorded published(Target target) {
        return new Recorded.Lawless("a run must sample a law of its own to be weighed again: what the target "
                + target.id() + " samples depends on the other particles");
    }

    private static Potential aggregated(MethodSettings settings, Aggregation aggregation) {
        return switch (((ParticleFilterSettings) settings).potential()) {
            case PRM -> Potential.aggregated(aggregation);
            case SELF_CERTAINTY -> Potential.selfCertainty();
        };
    }

    private static Replay weighed(
            MethodRun run, Twist from, Twist to, Law law, Potential potential, Answers answers, RandomStreams random) {
        var outcome = run.outcome().orElseThrow();
        boolean policy = outcome.logEvidence() == null && run instanceof GenerationRun;
        var nodes = outcome.particles().stream().map(Outcome.Particle::node).toList();
        var log = new double[nodes.size()];
        for (int place = 0; place < log.length; place++) {
            double old = policy
                    ? -StrictMath.log(log.length)
                    : StrictMath.log(outcome.particles().get(place).weight());
            log[place] = old == Double.NEGATIVE_INFINITY
                    ? old
                    : old
                            + to.log(run.tree(), nodes.get(place)) / law.temperature()
                            - from.log(run.tree(), nodes.get(place));
        }
        var weights = LogWeights.of(log);
        if (weights.allDead()) {
            return new Refused("a particle must have a positive weight under the new law: none has");
        }
        var election = Election.of(run.tree(), nodes, weights.normalised(), answers);
        var drawn = law.selection() == Selection.DRAW
                ? election.draw(random.stream(0, 0, 0, 0, Purpose.SELECT))
                : OptionalInt.empty();
        Optional<Double> logEvidence = policy
                ? Optional.of(weights.logSum())
                : Optional.ofNullable(outcome.logEvidence()).map(evidence -> evidence + weights.logSum());
        return new Reweighted(
                new Outcome(
                        election.particles(),
                        election.posterior(),
                        election.winner(law.selection(), drawn, run.tree(), potential),
                        logEvidence.orElse(null),
                        logEvidence.isPresent() ? null : outcome.noEvidence(),
                        clipped(run.tree(), nodes, law.target(), potential),
                        null),
                weights.effectiveSampleSize());
    }

    private static int clipped(PrefixTree tree, List<Integer> nodes, Target target, Potential potential) {
        return (int) nodes.stream()
                .distinct()
                .filter(node -> Twist.clips(target, potential.logOdds(tree, node)))
                .count();
    }
}
