package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.MethodSettings;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Usage;
import java.util.ArrayList;
import java.util.List;

/** Runs a method on a {@link ToyLanguage}, alone and in order: the shortest possible shell. */
record Driver(ToyLanguage language, MethodSettings settings, Limits limits) {
    static final Limits WIDE = new Limits(100, 1000, 100_000);

    /** A run that ended, with its events. */
    record Ended(MethodRun run, List<MethodEvent> events) {
        Outcome outcome() {
            return run.outcome().orElseThrow();
        }

        /** Ẑ; 0 when every particle died. */
        double evidence() {
            return run.outcome().map(outcome -> Math.exp(outcome.logEvidence())).orElse(0.0);
        }

        /** The posterior weight of one answer. */
        double weight(String answer) {
            return outcome().posterior().stream()
                    .filter(entry -> answer.equals(entry.answer()))
                    .mapToDouble(Outcome.AnswerWeight::weight)
                    .sum();
        }
    }

    static Driver of(ToyLanguage language, MethodSettings settings) {
        return new Driver(language, settings, WIDE);
    }

    MethodRun start() {
        return Methods.start(settings, Sampling.atTemperature(1), limits, language.answers());
    }

    /** The run of the problem {@code random} stands for. */
    Ended run(RandomStreams random) {
        var run = start();
        var events = new ArrayList<MethodEvent>();
        while (!run.plan().isEmpty()) {
            for (var event : run.decide(round(run, random), random)) {
                events.add(event);
                run = run.evolve(event);
            }
        }
        return new Ended(run, events);
    }

    Ended run(long seed) {
        return run(new RandomStreams(seed * 0x9E3779B97F4A7C15L));
    }

    /** The open round of {@code run}, complete. */
    CompletedRound round(MethodRun run, RandomStreams random) {
        var plan = run.plan();
        var extensions = new ArrayList<Extension>();
        var cost = Cost.NONE;
        for (var expansion : plan.expansions()) {
            var parent = run.tree().text(expansion.parent());
            var step = language.step(
                    parent,
                    random.seed(
                            expansion.chain(),
                            expansion.iteration(),
                            plan.round(),
                            expansion.slot(),
                            expansion.purpose()));
            cost = cost.plus(Cost.ofStep(Usage.NONE));
            if (plan.scored()) {
                cost = cost.plus(Cost.ofScore(Usage.NONE));
            }
            extensions.add(new Extension(
                    expansion, step, plan.scored() ? List.of(language.logOdds(parent + step.text())) : List.of()));
        }
        return new CompletedRound(plan.round(), extensions, cost);
    }
}
