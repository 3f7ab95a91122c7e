package cloudchamber.coordinator.method;

import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.model.method.MethodSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Runs a method on a {@link ToyLanguage}, alone and in order: the shortest possible shell. */
public record Driver(ToyLanguage language, Supplier<MethodRun> starter) {
    public static final Limits WIDE = new Limits(100, 1000, 100_000);
    public static final Sampling SAMPLING = Sampling.atTemperature(1);

    /** A run that ended, with its events. */
    public record Ended(MethodRun run, List<MethodEvent> events) {
        public Outcome outcome() {
            return run.outcome().orElseThrow();
        }

        /** Ẑ; 0 when every particle died. */
        public double evidence() {
            return run.outcome().map(outcome -> Math.exp(outcome.logEvidence())).orElse(0.0);
        }

        /** The posterior weight of one answer. */
        public double weight(String answer) {
            return outcome().posterior().stream()
                    .filter(entry -> answer.equals(entry.answer()))
                    .mapToDouble(Outcome.AnswerWeight::weight)
                    .sum();
        }

        public List<Population> populations() {
            var populations = new ArrayList<Population>();
            for (var event : events) {
                if (event instanceof MethodEvent.RoundClosed closed) {
                    populations.addAll(closed.populations());
                }
            }
            return populations;
        }
    }

    public static Driver of(ToyLanguage language, MethodSettings settings) {
        return of(language, settings, WIDE);
    }

    public static Driver of(ToyLanguage language, MethodSettings settings, Limits limits) {
        return new Driver(language, () -> Methods.start(settings, SAMPLING, limits, language.answers()));
    }

    public static Driver of(ToyLanguage language, MethodSettings settings, Potential potential) {
        return new Driver(language, () -> Methods.start(settings, SAMPLING, WIDE, language.answers(), potential));
    }

    public MethodRun start() {
        return starter.get();
    }

    /** The run of the problem {@code random} stands for. */
    public Ended run(RandomStreams random) {
        return run(start(), random);
    }

    public Ended run(long seed) {
        return run(new RandomStreams(seed * 0x9E3779B97F4A7C15L));
    }

    public Ended run(MethodRun start, RandomStreams random) {
        var run = start;
        var events = new ArrayList<MethodEvent>();
        for (var plan = run.plan(); !plan.isEmpty(); plan = run.plan()) {
            for (var event : run.decide(round(run, plan, random), random)) {
                events.add(event);
                run = run.evolve(event);
            }
        }
        return new Ended(run, events);
    }

    /** The open round of {@code run}, complete. */
    public CompletedRound round(MethodRun run, RandomStreams random) {
        return round(run, run.plan(), random);
    }

    private CompletedRound round(MethodRun run, RoundPlan plan, RandomStreams random) {
        var extensions = new ArrayList<Extension>();
        var cost = Cost.NONE;
        for (var expansion : plan.expansions()) {
            var step = step(run, plan.round(), expansion, random);
            cost = cost.plus(Cost.ofStep(Usage.NONE));
            if (plan.scored()) {
                cost = cost.plus(Cost.ofScore(Usage.NONE));
            }
            extensions.add(new Extension(
                    expansion,
                    step,
                    plan.scored()
                            ? List.of(language.logOdds(run.tree().text(expansion.parent()) + step.text()))
                            : List.of()));
        }
        return new CompletedRound(plan.round(), extensions, cost);
    }

    Step step(MethodRun run, int round, Expansion expansion, RandomStreams random) {
        return language.reply(
                run.tree().text(expansion.parent()),
                expansion.sampling(),
                expansion.extent(),
                random.seed(expansion.chain(), expansion.iteration(), round, expansion.slot(), expansion.purpose()));
    }
}
