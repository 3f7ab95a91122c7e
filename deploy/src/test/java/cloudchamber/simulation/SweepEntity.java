package cloudchamber.simulation;

import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.sweep.SweepEvent;
import cloudchamber.coordinator.sweep.SweepMachine;
import cloudchamber.coordinator.sweep.SweepMachine.Question;
import cloudchamber.coordinator.sweep.SweepPlan.CellJob;
import cloudchamber.coordinator.sweep.SweepSpecification;
import cloudchamber.coordinator.sweep.SweepState;
import cloudchamber.simulation.World.Bug;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the actor of a sweep does around its machine. */
final class SweepEntity extends SimulatedEntity<SweepState, SweepEvent> {
    private static final int TICK_MILLIS = 1000;

    private final SweepMachine machine;
    private final Set<String> asked = new HashSet<>();
    private boolean ticking;

    SweepEntity(SimulatedCoordinator home, String id) {
        super(home, id);
        this.machine = new SweepMachine(JobEntity.IN_FLIGHT);
    }

    @Override
    SweepState empty() {
        return new SweepState.Unknown();
    }

    @Override
    List<SweepEvent> read() {
        return cluster.sweeps.read(id);
    }

    @Override
    SweepState evolve(SweepState before, SweepEvent event) {
        return before.evolve(event);
    }

    @Override
    boolean append(int sequence, List<SweepEvent> events) {
        return cluster.sweeps.append(id, sequence, events);
    }

    @Override
    void recovered() {
        perform(machine.recovered(state));
    }

    @Override
    void written(List<SweepEvent> events) {
        events.forEach(event -> perform(machine.written(state, event)));
    }

    // ---- inputs

    void submit(SweepSpecification specification) {
        perform(machine.submit(state, specification, world.nowMillis()));
    }

    private void answered(CellJob job, Question question, long number, JobView view) {
        if (state instanceof SweepState.Known sweep) {
            perform(machine.answered(sweep, job.id(), question, number, view, world.nowMillis()));
        }
    }

    // ---- effects

    private void perform(SweepMachine.Reaction reaction) {
        switch (reaction) {
            case SweepMachine.Reaction.Do(var effects) -> perform(effects);
            case SweepMachine.Reaction.Write(var event) -> write(List.of(event));
        }
    }

    private void perform(List<SweepMachine.Effect> effects) {
        for (var effect : effects) {
            switch (effect) {
                case SweepMachine.Effect.Ask(var job, var question, var number) -> ask(job, question, number);
                case SweepMachine.Effect.TellStanding() -> {}
                case SweepMachine.Effect.Tick(var on) -> tick(on);
            }
        }
    }

    private void ask(CellJob job, Question question, long number) {
        if (question == Question.SUBMIT && !asked.add(job.id()) && world.bug == Bug.JOBS_SUBMITTED_ONCE) {
            return;
        }
        var specification = ((SweepState.Known) state).specification().job(job);
        world.send(() -> cluster.job(
                job.id(),
                entity -> entity.ask(
                        question,
                        specification,
                        view -> world.send(
                                () -> home.receive(() -> receive(() -> answered(job, question, number, view)))))));
    }

    private void tick(boolean on) {
        if (on && !ticking) {
            world.after(TICK_MILLIS, this::tickAgain);
        }
        ticking = on;
    }

    private void tickAgain() {
        home.receive(() -> {
            if (home.has(this)) {
                receive(() -> {
                    if (ticking && state instanceof SweepState.Known sweep) {
                        perform(machine.ticked(sweep, world.nowMillis()));
                    }
                });
                if (ticking) {
                    world.after(TICK_MILLIS, this::tickAgain);
                }
            }
        });
    }
}
