package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.FiniteLanguage.Hmm;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import java.util.List;

/** Answers work by a finite language: what the cluster would answer, at once and without one. */
record Oracle(FiniteLanguage language) {
    static final Usage USAGE = new Usage(10, 0, 1);

    /** Two states, {@code steps} steps. */
    static Oracle twoStates(int steps) {
        return new Oracle(new Hmm(List.of(.6, .4), List.of(List.of(.7, .3), List.of(.2, .8)), List.of(.9, .2), steps));
    }

    WorkResult answer(Work work) {
        return switch (work) {
            case Work.Extension extension -> new WorkResult.Extended(extension.key(), step(extension), USAGE);
            case Work.Scoring scoring -> {
                double reward = language.reward(texts(scoring.prefix()));
                yield new WorkResult.Scored(
                        scoring.key(), List.of(StrictMath.log(reward) - StrictMath.log1p(-reward)), USAGE);
            }
        };
    }

    private Step step(Work.Extension extension) {
        double uniform = CounterRandom.uniform(extension.seed(), 0);
        var moves = language.moves(texts(extension.prefix()));
        int drawn = 0;
        while (uniform >= moves.get(drawn).probability() && drawn < moves.size() - 1) {
            uniform -= moves.get(drawn++).probability();
        }
        var move = moves.get(drawn);
        return new Step(
                move.text(),
                List.of(drawn),
                move.last() ? StepEnd.END : StepEnd.STEP,
                StepLimit.NONE,
                StrictMath.log(move.probability()),
                1);
    }

    private static List<String> texts(List<PrefixStep> prefix) {
        return prefix.stream().map(PrefixStep::text).toList();
    }
}
