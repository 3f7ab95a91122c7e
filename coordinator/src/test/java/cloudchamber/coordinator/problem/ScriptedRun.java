package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.problem.ProblemMachine.Reaction;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Thinking;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.model.method.MethodSettings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** One problem run to its end by its machine alone: the work is answered as scripted, in order, at once. */
final class ScriptedRun {
    static final Usage USAGE = new Usage(10, 0, 5);
    private static final int MAX_RESULTS = 10_000;

    private final ProblemMachine machine = new ProblemMachine();
    private final Function<Work.Extension, Step> policy;
    private final Function<Work.Scoring, Double> prm;
    private final List<Work.Scoring> scored = new ArrayList<>();
    private ProblemState state = new ProblemState.Unknown();

    private ScriptedRun(Function<Work.Extension, Step> policy, Function<Work.Scoring, Double> prm) {
        this.policy = policy;
        this.prm = prm;
    }

    /** A policy that always writes {@code text}, step by step as its requests ask, and then ends. */
    static Function<Work.Extension, Step> says(String text) {
        return work -> {
            var said = new StringBuilder();
            work.prefix().forEach(step -> said.append(step.text()));
            var rest = text.substring(said.length());
            for (var stop : work.stops()) {
                int at = rest.indexOf(stop);
                if (at >= 0) {
                    return step(rest.substring(0, at + stop.length()), StepEnd.STEP);
                }
            }
            return step(rest, StepEnd.END);
        };
    }

    static Step step(String text, StepEnd end) {
        return new Step(text, List.of(), end, StepLimit.NONE, 0, 0);
    }

    static ProblemSpecification specification(MethodSettings method, String grader) {
        return new ProblemSpecification(
                        "job",
                        "p1",
                        Prompt.question("What is 2 + 2?"),
                        method,
                        "policy",
                        "prm",
                        Sampling.atTemperature(1),
                        new Limits(40, 512, 8192),
                        List.of("\n\n"),
                        7,
                        grader,
                        1)
                .withParticles(EndAtAnswer.NEVER, Thinking.FREE);
    }

    /** The run, at its end. */
    static ScriptedRun of(
            ProblemSpecification specification,
            Function<Work.Extension, Step> policy,
            Function<Work.Scoring, Double> prm) {
        var run = new ScriptedRun(policy, prm);
        run.evolve(run.machine.start(specification, 0));
        for (int round = 0; run.state instanceof ProblemState.Running running; round++) {
            run.round(running);
            if (round > MAX_RESULTS) {
                throw new IllegalStateException("the run must end: did not in " + MAX_RESULTS + " rounds");
            }
        }
        return run;
    }

    private void round(ProblemState.Running running) {
        var open = new ArrayDeque<>(machine.openRound(running));
        for (int results = 0; results < MAX_RESULTS && !open.isEmpty(); results++) {
            switch (machine.onResult(running, answer(open.removeFirst()), 0)) {
                case Reaction.Nothing nothing -> {}
                case Reaction.AskLater later -> open.addAll(machine.needed(running));
                case Reaction.Ask ask -> open.addAll(ask.works());
                case Reaction.Write write -> {
                    evolve(write);
                    return;
                }
            }
        }
        throw new IllegalStateException("a round must close: did not");
    }

    private void evolve(Reaction.Write write) {
        write.events().forEach(event -> state = state.evolve(event));
    }

    private WorkResult answer(Work work) {
        return switch (work) {
            case Work.Extension extension -> new WorkResult.Extended(extension.key(), policy.apply(extension), USAGE);
            case Work.Scoring scoring -> {
                scored.add(scoring);
                yield new WorkResult.Scored(scoring.key(), List.of(prm.apply(scoring)), USAGE);
            }
        };
    }

    ProblemState.Ended ended() {
        return (ProblemState.Ended) state;
    }

    Outcome outcome() {
        return ended().last().run().outcome().orElseThrow();
    }

    ProblemView view() {
        return ProblemView.of(ended());
    }

    /** What the PRM was asked, in order. */
    List<Work.Scoring> scored() {
        return List.copyOf(scored);
    }
}
