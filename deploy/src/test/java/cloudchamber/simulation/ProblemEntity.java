package cloudchamber.simulation;

import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemEvent;
import cloudchamber.coordinator.problem.ProblemMachine;
import cloudchamber.coordinator.problem.ProblemMachine.Reaction;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.coordinator.problem.ProblemState;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.protocol.model.Usage;
import cloudchamber.simulation.World.Bug;
import cloudchamber.simulation.World.Fault;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What the actor of a problem does around its machine. */
final class ProblemEntity extends SimulatedEntity<ProblemState, ProblemEvent> {
    private static final int PAUSE_MILLIS = 1000;

    private final Set<String> listeners = new LinkedHashSet<>();
    private final ProblemMachine machine = new ProblemMachine();
    /** Since the last write. */
    private long tokensTold;

    private long toldBeforeTheWrite;

    ProblemEntity(SimulatedCoordinator home, String id) {
        super(home, id);
    }

    @Override
    ProblemState empty() {
        return new ProblemState.Unknown();
    }

    @Override
    List<ProblemEvent> read() {
        return cluster.journal.read(id);
    }

    @Override
    ProblemState evolve(ProblemState before, ProblemEvent event) {
        return before.evolve(event);
    }

    @Override
    boolean append(int sequence, List<ProblemEvent> events) {
        boolean taken = cluster.journal.append(id, sequence, events, world.bug != Bug.APPEND_WITHOUT_FENCE);
        if (taken) {
            cluster.journal.written(id, toldBeforeTheWrite);
        } else {
            world.count(Fault.WRITE_REJECTED);
        }
        return taken;
    }

    @Override
    void recovered() {
        machine.notWritten();
        tokensTold += toldBeforeTheWrite;
        toldBeforeTheWrite = 0;
        if (state instanceof ProblemState.Running running) {
            submit(running.specification(), machine.openRound(running));
        }
    }

    @Override
    void stopped() {
        if (state instanceof ProblemState.Running running) {
            forget(running.specification());
        }
    }

    // ---- inputs

    void start(ProblemSpecification specification, String job) {
        listeners.add(job);
        switch (state) {
            case ProblemState.Unknown unknown -> perform(machine.start(specification, world.nowMillis()));
            case ProblemState.Running running -> {}
            case ProblemState.Ended ended -> tellEnd(ended);
        }
    }

    void cancel() {
        if (state instanceof ProblemState.Running running) {
            perform(machine.end(running, ProblemStatus.CANCELLED, "", world.nowMillis()));
        }
    }

    void take(WorkResult result) {
        if (state instanceof ProblemState.Running running) {
            long tokens = usage(result);
            tokensTold += tokens;
            cluster.journal.told(result.key(), tokens);
            perform(machine.onResult(running, result, world.nowMillis()));
        }
    }

    private static long usage(WorkResult result) {
        return switch (result) {
            case WorkResult.Extended(var key, var step, var usage, var numericsClass, var slotMillis) -> tokens(usage);
            case WorkResult.Scored(var key, var logOdds, var usage, var numericsClass, var slotMillis) -> tokens(usage);
            case WorkResult.Wasted(var key, var usage, var slotMillis) -> tokens(usage);
            case WorkResult.Failed failed -> 0;
        };
    }

    static long tokens(Usage usage) {
        return usage.promptTokens() + usage.completionTokens();
    }

    // ---- effects

    private void perform(Reaction reaction) {
        switch (reaction) {
            case Reaction.Nothing() -> {}
            case Reaction.Ask(var works) -> submit(((ProblemState.Running) state).specification(), works);
            case Reaction.AskLater() ->
                world.after(
                        PAUSE_MILLIS,
                        () -> home.receive(() -> receive(() -> {
                            if (state instanceof ProblemState.Running running) {
                                submit(running.specification(), machine.needed(running));
                            }
                        })));
            case Reaction.Write(var events) -> {
                toldBeforeTheWrite = tokensTold;
                tokensTold = 0;
                write(events);
            }
        }
    }

    private void submit(ProblemSpecification specification, List<Work> works) {
        home.perform(home.core.submit(works, specification.order(), 1, world.nowMillis()));
    }

    private void forget(ProblemSpecification specification) {
        home.perform(home.core.forget(specification.job(), specification.problem()));
    }

    @Override
    void written(List<ProblemEvent> events) {
        machine.written();
        toldBeforeTheWrite = 0;
        switch (state) {
            case ProblemState.Unknown unknown -> {}
            case ProblemState.Running running -> submit(running.specification(), machine.openRound(running));
            case ProblemState.Ended ended -> {
                cluster.journal.told(id, ended.status());
                forget(ended.last().specification());
                tellEnd(ended);
            }
        }
    }

    private void tellEnd(ProblemState.Ended ended) {
        var specification = ended.last().specification();
        var over = new Problem.Over(
                specification.job(), specification.problem(), ended.status(), specification.attemptNumber());
        listeners.forEach(job -> world.send(() -> cluster.job(job, entity -> entity.problemOver(over))));
        listeners.clear();
    }
}
