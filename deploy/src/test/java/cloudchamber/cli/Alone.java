package cloudchamber.cli;

import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.problem.ProblemEvent;
import cloudchamber.coordinator.problem.ProblemMachine;
import cloudchamber.coordinator.problem.ProblemMachine.Reaction;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.coordinator.problem.ProblemState;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** One problem run to its end in front of backends, without a cluster: its machine, and whoever answers its work. */
final class Alone {
    private static final int MAX_ROUNDS = 1000;
    private static final long PATIENCE_SECONDS = 120;

    private final ProblemMachine machine = new ProblemMachine();
    private final Function<Work, CompletableFuture<WorkResult>> workers;
    private ProblemState state = new ProblemState.Unknown();

    private Alone(Function<Work, CompletableFuture<WorkResult>> workers) {
        this.workers = workers;
    }

    /** The problem at its end. */
    static ProblemState.Ended run(
            ProblemSpecification specification,
            Function<ExtendRequest, CompletableFuture<ExtendResult>> policy,
            Function<ScoreRequest, CompletableFuture<ScoreResult>> prm) {
        var run = new Alone(work -> switch (work) {
            case Work.Extension extension -> policy.apply(request(extension)).thenApply(Alone::result);
            case Work.Scoring scoring -> prm.apply(request(scoring)).thenApply(Alone::result);
        });
        run.evolve(run.machine.start(specification, 0).events());
        for (int round = 0; round < MAX_ROUNDS; round++) {
            switch (run.state) {
                case ProblemState.Running running -> run.round(running);
                case ProblemState.Ended ended -> {
                    return ended;
                }
                case ProblemState.Unknown unknown -> throw new IllegalStateException("the problem must have started");
            }
        }
        throw new IllegalStateException("the run must end: did not in " + MAX_ROUNDS + " rounds");
    }

    static MethodRun method(ProblemState.Ended ended) {
        return ended.last().run();
    }

    private void round(ProblemState.Running running) {
        var open = new ArrayDeque<CompletableFuture<WorkResult>>();
        machine.openRound(running).forEach(work -> open.add(workers.apply(work)));
        while (!open.isEmpty()) {
            var result = open.removeFirst()
                    .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .join();
            switch (machine.onResult(running, result, 0)) {
                case Reaction.Nothing nothing -> {}
                case Reaction.AskLater later -> throw new IllegalStateException("nobody is overloaded here");
                case Reaction.Ask ask -> ask.works().forEach(work -> open.add(workers.apply(work)));
                case Reaction.Write write -> {
                    evolve(write.events());
                    return;
                }
            }
        }
        throw new IllegalStateException("a round must close: did not");
    }

    private void evolve(List<ProblemEvent> events) {
        events.forEach(event -> state = state.evolve(event));
    }

    private static ExtendRequest request(Work.Extension work) {
        return new ExtendRequest(
                new AttemptKey(work.key(), 1),
                1,
                work.model(),
                work.prompt(),
                work.parent(),
                work.prefix(),
                work.sampling(),
                work.seed(),
                work.stops(),
                work.maxStepTokens(),
                work.maxTokens(),
                work.node().node(),
                work.maxThinkingTokens(),
                null);
    }

    private static ScoreRequest request(Work.Scoring work) {
        return new ScoreRequest(
                new AttemptKey(work.key(), 1), 1, work.model(), work.prompt(), work.node(), work.prefix());
    }

    private static WorkResult result(ExtendResult result) {
        var key = result.key().step();
        return switch (result) {
            case ExtendResult.Generated generated -> new WorkResult.Extended(key, generated.step(), generated.usage());
            case ExtendResult.NotExtended refused -> new WorkResult.Failed(key, refused.refusal(), 1);
        };
    }

    private static WorkResult result(ScoreResult result) {
        var key = result.key().step();
        return switch (result) {
            case ScoreResult.PrefixScored scored -> new WorkResult.Scored(key, scored.logOdds(), scored.usage());
            case ScoreResult.NotScored refused -> new WorkResult.Failed(key, refused.refusal(), 1);
        };
    }

    /** The texts of the last particles. */
    static List<String> texts(ProblemState.Ended ended) {
        var texts = new ArrayList<String>();
        method(ended)
                .outcome()
                .ifPresent(outcome -> outcome.particles()
                        .forEach(particle -> texts.add(method(ended).tree().text(particle.node()))));
        return texts;
    }
}
