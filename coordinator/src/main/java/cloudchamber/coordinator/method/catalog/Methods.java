package cloudchamber.coordinator.method.catalog;

import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.method.Potential;
import cloudchamber.coordinator.method.chain.ChainDesign;
import cloudchamber.coordinator.method.chain.ChainRun;
import cloudchamber.coordinator.method.chain.Flattening;
import cloudchamber.coordinator.method.chain.Published;
import cloudchamber.coordinator.method.chain.Schemes;
import cloudchamber.coordinator.method.chain.Telescoping;
import cloudchamber.coordinator.method.chain.Twist;
import cloudchamber.coordinator.method.chain.Weighing;
import cloudchamber.coordinator.method.search.GenerationRun;
import cloudchamber.coordinator.method.search.Search;
import cloudchamber.coordinator.method.search.SearchRun;
import cloudchamber.coordinator.smc.ConditionalResampler;
import cloudchamber.protocol.model.Limits;
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
import cloudchamber.protocol.model.method.PotentialSource;
import cloudchamber.protocol.model.method.RebaseSettings;
import cloudchamber.protocol.model.method.Selection;
import cloudchamber.protocol.model.method.SelfConsistencySettings;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import cloudchamber.protocol.model.method.WeightedBestOfNSettings;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Every method, by its settings. */
public final class Methods {
    private static final double MAX_TEMPERATURE = 1e6;

    private Methods() {}

    /** Every method as it usually runs, the usual method first. */
    public static List<MethodSettings> standard() {
        return List.of(
                ParticleFilterSettings.standard(),
                GreedySettings.standard(),
                SelfConsistencySettings.standard(),
                BestOfNSettings.standard(),
                WeightedBestOfNSettings.standard(),
                BeamSearchSettings.standard(),
                DvtsSettings.standard(),
                RebaseSettings.standard(),
                ParticleGibbsSettings.standard(),
                ParallelTemperingSettings.standard(),
                IslandsSettings.standard(),
                EntropicParticleFilterSettings.standard());
    }

    /**
     * A new run.
     *
     * @param sampling how the policy draws
     * @param limits the same that the rounds are collected under
     * @throws IllegalArgumentException if the settings ask for what the method cannot do
     */
    public static MethodRun start(MethodSettings settings, Sampling sampling, Limits limits, Answers answers) {
        return start(settings, sampling, limits, answers, potential(settings));
    }

    /** As {@link #start(MethodSettings, Sampling, Limits, Answers)}, with a potential of one's own. */
    public static MethodRun start(
            MethodSettings settings, Sampling sampling, Limits limits, Answers answers, Potential potential) {
        return switch (settings) {
            case GreedySettings greedy ->
                GenerationRun.start(new GenerationRun.Design(
                        1, Sampling.atTemperature(0), false, potential, Selection.VOTE, answers));
            case SelfConsistencySettings votes ->
                GenerationRun.start(new GenerationRun.Design(
                        votes.particles(), sampling, false, potential, Selection.VOTE, answers));
            case BestOfNSettings best ->
                GenerationRun.start(new GenerationRun.Design(
                        best.particles(), sampling, true, potential, Selection.BEST_SCORE, answers));
            case WeightedBestOfNSettings best ->
                GenerationRun.start(
                        new GenerationRun.Design(best.particles(), sampling, true, potential, Selection.VOTE, answers));
            case BeamSearchSettings beam ->
                SearchRun.start(new SearchRun.Design(
                        Search.beam(beam.particles(), beam.beamWidth()),
                        beam.particles(),
                        sampling,
                        potential,
                        beam.selection(),
                        answers));
            case DvtsSettings dvts ->
                SearchRun.start(new SearchRun.Design(
                        Search.dvts(dvts.particles(), dvts.beamWidth()),
                        dvts.particles(),
                        sampling,
                        potential,
                        dvts.selection(),
                        answers));
            case RebaseSettings rebase ->
                SearchRun.start(new SearchRun.Design(
                        Search.rebase(rebase.particles(), rebase.softmaxTemperature()),
                        rebase.particles(),
                        sampling,
                        potential,
                        rebase.selection(),
                        answers));
            case ParticleFilterSettings filter -> ChainRun.start(design(filter, sampling, answers, potential));
            case IslandsSettings islands -> ChainRun.start(design(islands, sampling, answers, potential));
            case ParticleGibbsSettings gibbs -> ChainRun.start(design(gibbs, sampling, answers, potential));
            case ParallelTemperingSettings tempering -> ChainRun.start(design(tempering, sampling, answers, potential));
            case EntropicParticleFilterSettings entropic ->
                ChainRun.start(design(entropic, sampling, limits, answers, potential));
        };
    }

    /** The potential that the settings ask for. */
    static Potential potential(MethodSettings settings) {
        return switch (settings) {
            case GreedySettings greedy -> Potential.aggregated(Aggregation.LAST);
            case SelfConsistencySettings votes -> Potential.aggregated(Aggregation.LAST);
            case BestOfNSettings best -> Potential.aggregated(best.aggregation());
            case WeightedBestOfNSettings best -> Potential.aggregated(best.aggregation());
            case BeamSearchSettings beam -> Potential.aggregated(beam.aggregation());
            case DvtsSettings dvts -> Potential.aggregated(dvts.aggregation());
            case RebaseSettings rebase -> Potential.aggregated(rebase.aggregation());
            case ParticleFilterSettings filter ->
                switch (filter.potential()) {
                    case PRM -> Potential.aggregated(filter.aggregation());
                    case SELF_CERTAINTY -> Potential.selfCertainty();
                };
            case IslandsSettings islands -> Potential.aggregated(islands.aggregation());
            case ParticleGibbsSettings gibbs -> Potential.aggregated(gibbs.aggregation());
            case ParallelTemperingSettings tempering -> Potential.aggregated(tempering.aggregation());
            case EntropicParticleFilterSettings entropic -> Potential.aggregated(entropic.aggregation());
        };
    }

    private static ChainDesign design(
            ParticleFilterSettings settings, Sampling sampling, Answers answers, Potential potential) {
        boolean published = settings.target() == Target.PAPER || settings.target() == Target.ITS_HUB;
        var twist = published ? null : Twist.of(settings.target(), potential);
        var resampler = Schemes.of(settings.resampling());
        var weighing = published
                ? Published.of(settings.target(), potential, settings.softmaxTemperature(), resampler)
                : new Telescoping(
                        twist,
                        settings.softmaxTemperature(),
                        settings.essThreshold(),
                        resampler,
                        ConditionalResampler.multinomial(),
                        Flattening.NONE,
                        false);
        return new ChainDesign(
                sampling,
                answers,
                potential,
                settings.target(),
                twist,
                List.of(weighing),
                List.of(),
                settings.particles(),
                settings.branching(),
                1,
                0,
                false,
                true,
                settings.potential() == PotentialSource.PRM,
                false,
                settings.certificate(),
                settings.selection());
    }

    private static ChainDesign design(
            IslandsSettings settings, Sampling sampling, Answers answers, Potential potential) {
        var twist = Twist.of(settings.target(), potential);
        var weighing = new Telescoping(
                twist,
                settings.softmaxTemperature(),
                settings.essThreshold(),
                Schemes.of(settings.resampling()),
                ConditionalResampler.multinomial(),
                Flattening.NONE,
                false);
        return new ChainDesign(
                sampling,
                answers,
                potential,
                settings.target(),
                twist,
                Collections.nCopies(settings.chains(), weighing),
                List.of(),
                settings.particles(),
                1,
                1,
                0,
                false,
                true,
                true,
                false,
                false,
                settings.selection());
    }

    private static ChainDesign design(
            ParticleGibbsSettings settings, Sampling sampling, Answers answers, Potential potential) {
        var twist = Twist.of(settings.target(), potential);
        var weighing = new Telescoping(
                twist,
                settings.softmaxTemperature(),
                settings.essThreshold(),
                Schemes.of(settings.resampling()),
                Schemes.conditional(settings.resampling()),
                Flattening.NONE,
                false);
        return new ChainDesign(
                sampling,
                answers,
                potential,
                settings.target(),
                twist,
                List.of(weighing),
                List.of(),
                settings.particles(),
                1,
                settings.iterations(),
                settings.burnIn(),
                false,
                false,
                true,
                false,
                false,
                settings.selection());
    }

    private static ChainDesign design(
            ParallelTemperingSettings settings, Sampling sampling, Answers answers, Potential potential) {
        double hottest = settings.softmaxTemperature() / StrictMath.pow(settings.ladderRatio(), settings.chains() - 1);
        if (!(hottest <= MAX_TEMPERATURE)) {
            throw new IllegalArgumentException("method.ladderRatio must keep the hottest chain's temperature at most "
                    + MAX_TEMPERATURE + ": was " + settings.ladderRatio() + ", which makes it " + hottest + " in chain "
                    + (settings.chains() - 1));
        }
        var twist = Twist.of(settings.target(), potential);
        var inverseTemperatures = IntStream.range(0, settings.chains())
                .mapToObj(chain -> StrictMath.pow(settings.ladderRatio(), chain) / settings.softmaxTemperature())
                .toList();
        var weighings = inverseTemperatures.stream()
                .map(beta -> (Weighing) new Telescoping(
                        twist,
                        TemperatureSchedule.constant(1 / beta),
                        settings.essThreshold(),
                        Schemes.of(settings.resampling()),
                        Schemes.conditional(settings.resampling()),
                        Flattening.NONE,
                        false))
                .toList();
        return new ChainDesign(
                sampling,
                answers,
                potential,
                settings.target(),
                twist,
                weighings,
                inverseTemperatures,
                settings.particles(),
                1,
                settings.iterations(),
                settings.burnIn(),
                true,
                false,
                true,
                false,
                false,
                settings.selection());
    }

    private static ChainDesign design(
            EntropicParticleFilterSettings settings,
            Sampling sampling,
            Limits limits,
            Answers answers,
            Potential potential) {
        var constant = TemperatureSchedule.constant(1);
        var resampler = Schemes.of(settings.resampling());
        var flattening = Flattening.entropic(
                settings.tempering(), settings.essThreshold(), settings.earlyPhase(), limits.maxSteps());
        var twist = Twist.of(settings.target(), potential);
        var weighing = settings.corrected()
                ? new Telescoping(
                        twist,
                        constant,
                        settings.essThreshold(),
                        resampler,
                        ConditionalResampler.multinomial(),
                        flattening,
                        settings.lookAhead())
                : Published.itsHub(potential, constant, resampler, flattening);
        return new ChainDesign(
                sampling,
                answers,
                potential,
                settings.corrected() ? settings.target() : Target.ITS_HUB,
                twist,
                List.of(weighing),
                List.of(),
                settings.particles(),
                1,
                1,
                0,
                false,
                true,
                true,
                settings.lookAhead(),
                false,
                settings.selection());
    }
}
