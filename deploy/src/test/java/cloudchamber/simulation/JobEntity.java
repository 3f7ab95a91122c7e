package cloudchamber.simulation;

import cloudchamber.coordinator.job.Allowance;
import cloudchamber.coordinator.job.Claim;
import cloudchamber.coordinator.job.JobEvent;
import cloudchamber.coordinator.job.JobMachine;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.job.JobState;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.coordinator.sweep.SweepMachine.Question;
import cloudchamber.simulation.World.Bug;
import cloudchamber.simulation.World.Fault;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** What the actor of a job does around its machine. */
final class JobEntity extends SimulatedEntity<JobState, JobEvent> {
    static final int IN_FLIGHT = 2;
    private static final int REMINDER_MILLIS = 2000;

    private final JobMachine machine = new JobMachine(IN_FLIGHT);
    private final Set<String> asked = new HashSet<>();
    private long life;
    private boolean reminding;
    private Claim stated;
    private Runnable answer = () -> {};

    JobEntity(SimulatedCoordinator home, String id) {
        super(home, id);
    }

    @Override
    JobState empty() {
        return new JobState.Unknown();
    }

    @Override
    List<JobEvent> read() {
        return cluster.jobs.read(id);
    }

    @Override
    JobState evolve(JobState before, JobEvent event) {
        return before.evolve(event);
    }

    @Override
    boolean append(int sequence, List<JobEvent> events) {
        return cluster.jobs.append(id, sequence, events);
    }

    @Override
    void recovered() {
        life = cluster.nextLife();
        stated = null;
        answer = () -> {};
        perform(machine.recovered(state, life));
    }

    @Override
    void written(List<JobEvent> events) {
        events.forEach(event -> perform(machine.written(state, event)));
        answer.run();
        answer = () -> {};
    }

    @Override
    void stopped() {
        world.send(() -> home.receive(() -> home.admission.leave(key(), life)));
    }

    // ---- inputs

    /** @param reply told the job's view, null if it is unknown */
    void ask(Question question, JobSpecification specification, Consumer<JobView> reply) {
        switch (state) {
            case JobState.Unknown unknown
            when question == Question.SUBMIT -> write(JobEvent.Accepted.of(specification, world.nowMillis()), reply);
            case JobState.Unknown unknown -> reply.accept(null);
            case JobState.Deleted deleted -> reply.accept(null);
            case JobState.Accepted job ->
                perform(
                        switch (question) {
                            case SUBMIT, VIEW -> new JobMachine.Reaction.Do(List.of());
                            case CANCEL -> machine.cancel(job, world.nowMillis());
                            case RETRY -> machine.retry(job, world.nowMillis());
                        },
                        reply);
        }
    }

    void problemOver(Problem.Over over) {
        ifAccepted(job -> machine.problemOver(job, over, world.nowMillis()));
    }

    void allowed(Allowance allowance) {
        ifAccepted(job -> machine.allowed(job, allowance, world.nowMillis()));
    }

    private interface Input {
        JobMachine.Reaction of(JobState.Accepted job);
    }

    private void ifAccepted(Input input) {
        if (state instanceof JobState.Accepted job) {
            perform(input.of(job), view -> {});
        }
    }

    // ---- effects

    private void perform(JobMachine.Reaction reaction, Consumer<JobView> reply) {
        switch (reaction) {
            case JobMachine.Reaction.Do(var effects) -> {
                perform(effects);
                reply.accept(view());
            }
            case JobMachine.Reaction.Write(var event) -> write(event, reply);
        }
    }

    private void write(JobEvent event, Consumer<JobView> reply) {
        answer = () -> reply.accept(view());
        write(List.of(event));
    }

    private JobView view() {
        return state instanceof JobState.Accepted job ? machine.view(job) : null;
    }

    private void perform(List<JobMachine.Effect> effects) {
        for (var effect : effects) {
            switch (effect) {
                case JobMachine.Effect.Start(var specification) -> start(specification);
                case JobMachine.Effect.CancelProblem(var problem) ->
                    world.send(() -> cluster.problem(Problem.entityId(id, problem), ProblemEntity::cancel));
                case JobMachine.Effect.Read(var scan, var from, var count) -> readProblems(scan, from, count);
                case JobMachine.Effect.State(var claim) -> state(claim);
                case JobMachine.Effect.TellChange change -> {}
                case JobMachine.Effect.TellStanding() -> {}
                case JobMachine.Effect.Remind(var on) -> remind(on);
                case JobMachine.Effect.Rest rest -> {}
            }
        }
    }

    private void start(ProblemSpecification specification) {
        if (asked.add(specification.problem()) || world.bug != Bug.PROBLEMS_NOT_ASKED_AGAIN) {
            world.send(() -> cluster.problem(
                    Problem.entityId(id, specification.problem()), problem -> problem.start(specification, id)));
        }
    }

    private void readProblems(int scan, int from, int count) {
        world.after(
                1 + world.random.nextInt(20),
                () -> home.receive(() -> receive(() -> ifAccepted(job -> {
                    if (world.goesWrong(Fault.READ_FAILED, .2)) {
                        return machine.notRead(job, scan, "the database is away", world.nowMillis());
                    }
                    var all = cluster.jobs.questions(id);
                    return machine.read(
                            job, scan, all.subList(from, Math.min(all.size(), from + count)), world.nowMillis());
                }))));
    }

    /** The job's name to admission: with the bug each life has one of its own. */
    private String key() {
        return world.bug == Bug.PLACES_OF_OLD_LIVES_KEPT ? id + "#" + life : id;
    }

    private void state(Claim claim) {
        boolean same = stated != null && stated.returned() == claim.returned() && stated.wanted() == claim.wanted();
        if (same && world.bug == Bug.CLAIMS_NOT_REPEATED) {
            return;
        }
        stated = claim;
        var name = key();
        world.send(() -> home.receive(() -> home.admission.state(name, claim, this)));
    }

    private void remind(boolean on) {
        if (on && !reminding) {
            world.after(REMINDER_MILLIS, this::remindAgain);
        }
        reminding = on;
    }

    private void remindAgain() {
        home.receive(() -> {
            if (home.has(this)) {
                receive(() -> {
                    if (reminding) {
                        ifAccepted(machine::reminded);
                    }
                });
                if (reminding) {
                    world.after(REMINDER_MILLIS, this::remindAgain);
                }
            }
        });
    }
}
