package cloudchamber.coordinator.method.catalog;

import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.CompletedRound;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.Extension;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.GreedySettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.SelfConsistencySettings;
import cloudchamber.protocol.model.method.WeightedBestOfNSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * What a method makes of whole generations that another run of the same problem drew. Generations are drawn from
 * streams keyed by their slot, so the first n of a larger run are those a run of n would have drawn, and the outcome is
 * the one it would have had.
 */
public final class SharedGenerations {
    private SharedGenerations() {}

    private static final Limits WIDE = new Limits(1, Integer.MAX_VALUE, Integer.MAX_VALUE);

    /**
     * One generation.
     *
     * @param logOdds of the whole text, by the PRM; null where it was not asked or could not read it
     */
    public record Generation(String text, Double logOdds) {}

    /** Whether a method is one round of whole generations, which is what can be shared. */
    public static boolean serves(MethodSettings method) {
        return method instanceof GreedySettings
                || method instanceof SelfConsistencySettings
                || method instanceof BestOfNSettings
                || method instanceof WeightedBestOfNSettings;
    }

    /**
     * The outcome of a method on the first generations there are.
     *
     * @param generations in slot order, at least as many as the method asks for, scored if it looks at scores
     * @throws IllegalArgumentException if the method is none of whole generations or there are too few
     */
    public static Outcome outcome(MethodSettings method, List<Generation> generations, Answers answers) {
        if (!serves(method) || generations.size() < method.budget()) {
            throw new IllegalArgumentException(
                    "shared generations must be of a method of whole generations and at least " + method.budget()
                            + ": were " + generations.size() + " for " + method.id());
        }
        var run = Methods.start(method, Sampling.atTemperature(1), WIDE, answers);
        var plan = run.plan();
        var extensions = new ArrayList<Extension>();
        for (var expansion : plan.expansions()) {
            var generation = generations.get(expansion.slot());
            extensions.add(new Extension(
                    expansion,
                    new Step(generation.text(), List.of(), StepEnd.END, StepLimit.NONE, 0, 0),
                    plan.scored() && generation.logOdds() != null ? List.of(generation.logOdds()) : List.of()));
        }
        for (var event : run.decide(new CompletedRound(plan.round(), extensions, Cost.NONE), new RandomStreams(0))) {
            run = run.evolve(event);
        }
        return run.outcome().orElseThrow();
    }
}
