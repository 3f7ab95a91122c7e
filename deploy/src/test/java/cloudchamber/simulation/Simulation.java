package cloudchamber.simulation;

import cloudchamber.coordinator.dispatch.DispatchEffect;
import cloudchamber.coordinator.job.JobEvent;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.job.JobState;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.sweep.SweepEvent;
import cloudchamber.coordinator.sweep.SweepMachine.Question;
import cloudchamber.coordinator.sweep.SweepSpecification;
import cloudchamber.policy.PolicyWorker;
import cloudchamber.policy.simulated.SimulatedPolicy;
import cloudchamber.prm.PrmWorker;
import cloudchamber.prm.simulated.SimulatedPrm;
import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.protocol.wire.SlotOffer;
import cloudchamber.simulation.World.Bug;
import cloudchamber.simulation.World.Fault;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.SimulatedLatency;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A whole cluster in one thread and simulated time: the shipped machines of dispatcher, problem, job, sweep, admission
 * and worker with simulated models, over a wire, a journal and nodes that fail as a seed says. The same seed fails the
 * same way. After {@value #TROUBLE_MILLIS} ms nothing fails any more, and everything must end.
 *
 * <p>A client submits a sweep, and another one a job for a model that no worker serves before all else has ended.
 */
final class Simulation {
    static final String MODEL = "hmm";
    static final String LATE_MODEL = "late";
    static final long TROUBLE_MILLIS = 12_000;
    /** Within which everything ends once nothing fails any more. */
    static final long LIMIT_AFTER_TROUBLE_MILLIS = 45_000;

    private static final long QUIET_MILLIS = 15_000;
    static final int RENEWAL_MILLIS = 300;
    private static final int CLIENT_MILLIS = 2000;
    private static final int RECOVERY_MILLIS = 2000;

    final World world;
    final Journal journal;
    final JobLog jobs = new JobLog();
    final EventLog<SweepEvent> sweeps = new EventLog<>();
    private final FiniteLanguage language;
    private final SweepSpecification sweep;
    private final JobSpecification late;
    private final Map<String, SimulatedCoordinator> owners = new LinkedHashMap<>();
    private final List<SimulatedCoordinator> coordinators = new ArrayList<>();
    private final List<SimulatedWorker<?, ?>> workers = new ArrayList<>();
    private long limitMillis = TROUBLE_MILLIS + LIMIT_AFTER_TROUBLE_MILLIS;
    private boolean lateModelServed;
    private long lives;
    private int born;

    /** The journal of jobs, with their problems beside it. */
    static final class JobLog extends EventLog<JobEvent> {
        private final Map<String, List<JobSpecification.Question>> questions = new LinkedHashMap<>();

        @Override
        boolean append(String job, int sequence, List<JobEvent> events) {
            boolean taken = super.append(job, sequence, events);
            if (taken && events.getFirst() instanceof JobEvent.Accepted accepted) {
                questions.put(job, accepted.questions());
            }
            return taken;
        }

        List<JobSpecification.Question> questions(String job) {
            return questions.get(job);
        }
    }

    /**
     * @param late a job with {@link #LATE_MODEL} as its policy
     * @param troubled whether anything goes wrong at all
     */
    Simulation(
            long seed,
            SweepSpecification sweep,
            JobSpecification late,
            FiniteLanguage language,
            boolean troubled,
            Bug bug) {
        this.world = new World(seed, troubled, bug);
        this.language = language;
        this.sweep = sweep;
        this.late = late;
        this.journal = new Journal(problemsOf(Stream.concat(sweepJobs().stream(), Stream.of(late))));
    }

    private List<JobSpecification> sweepJobs() {
        return sweep.plan().jobs().stream().map(sweep::job).toList();
    }

    private static List<String> problemsOf(Stream<JobSpecification> jobs) {
        return jobs.flatMap(job -> job.problems().stream().map(question -> Problem.entityId(job.id(), question.id())))
                .toList();
    }

    // ---- time

    /** Gives large problems more simulated time. */
    Simulation within(long limitMillis) {
        this.limitMillis = limitMillis;
        return this;
    }

    /** Runs until everything has ended and all is quiet, and says when the last thing ended. */
    long run() {
        int nodes = 2 + world.random.nextInt(2);
        for (int node = 0; node < nodes; node++) {
            startCoordinator();
        }
        for (int worker = 0; worker < 2; worker++) {
            startPolicy(MODEL);
            startPrm();
        }
        world.after(world.random.nextInt(2000), this::submitSweep);
        world.after(world.random.nextInt(2000), this::submitLateJob);
        world.after(RECOVERY_MILLIS, this::wakeUnfinished);
        if (world.isTroubled()) {
            world.after(1000, this::calamity);
        }
        while (!isOver() || world.isTroubled()) {
            step();
            if (world.nowMillis() > limitMillis) {
                throw new AssertionError("I9: not all has ended " + (limitMillis - TROUBLE_MILLIS)
                        + " ms after the last fault: problems " + journal.open() + ", jobs " + openJobs() + ", sweep "
                        + sweeps.read(sweep.id()).size() + " events");
            }
        }
        long ended = world.nowMillis();
        while (world.nowMillis() < ended + QUIET_MILLIS) {
            step();
        }
        checkThatNothingIsHeld();
        return ended;
    }

    private void step() {
        world.step();
        workers.forEach(SimulatedWorker::check);
        journal.check();
        if (world.isTroubled() && world.nowMillis() >= TROUBLE_MILLIS) {
            world.endTrouble();
        }
        if (!lateModelServed && sweepHasEnded()) {
            lateModelServed = true;
            startPolicy(LATE_MODEL);
        }
    }

    private boolean isOver() {
        return journal.allEnded() && sweepHasEnded() && openJobs().isEmpty();
    }

    private List<String> openJobs() {
        return allJobs().stream()
                .filter(job -> !(jobState(job) instanceof JobState.Accepted accepted && accepted.over()))
                .toList();
    }

    private List<String> allJobs() {
        return Stream.concat(sweepJobs().stream(), Stream.of(late))
                .map(JobSpecification::id)
                .toList();
    }

    private JobState jobState(String job) {
        JobState state = new JobState.Unknown();
        for (var event : jobs.read(job)) {
            state = state.evolve(event);
        }
        return state;
    }

    private boolean sweepHasEnded() {
        return sweeps.last(sweep.id()).orElse(null) instanceof SweepEvent.Ended;
    }

    private void checkThatNothingIsHeld() {
        for (var node : coordinators) {
            if (node.isAlive() && node.admission.taken() > 0) {
                throw new AssertionError("I10: " + node.admission.taken() + " places are held and nothing runs");
            }
        }
        for (var job : allJobs()) {
            if (jobs.read(job).stream()
                            .filter(JobEvent.ProblemEnded.class::isInstance)
                            .count()
                    != jobs.questions(job).size()) {
                throw new AssertionError("I11: the problems of " + job + " were not counted once each");
            }
        }
    }

    /** Pieces of work that were put back, by reason, of all coordinators that live. */
    Map<String, Long> retries() {
        var all = new LinkedHashMap<String, Long>();
        coordinators.forEach(
                node -> node.core.counts().retries().forEach((reason, count) -> all.merge(reason, count, Long::sum)));
        return all;
    }

    // ---- clients, and who wakes what is not over

    private void submitSweep() {
        if (sweeps.read(sweep.id()).isEmpty()) {
            world.send(() -> sweep(entity -> entity.submit(sweep)));
            world.after(CLIENT_MILLIS, this::submitSweep);
        }
    }

    private void submitLateJob() {
        if (jobs.read(late.id()).isEmpty()) {
            world.send(() -> job(late.id(), entity -> entity.ask(Question.SUBMIT, late, view -> {})));
            world.after(CLIENT_MILLIS, this::submitLateJob);
        }
    }

    private void wakeUnfinished() {
        openJobs().stream()
                .filter(job -> !jobs.read(job).isEmpty())
                .forEach(job -> world.send(() -> job(job, entity -> entity.ask(Question.VIEW, null, view -> {}))));
        if (!sweeps.read(sweep.id()).isEmpty() && !sweepHasEnded()) {
            world.send(() -> sweep(entity -> {}));
        }
        world.after(RECOVERY_MILLIS, this::wakeUnfinished);
    }

    /** Every second or so something large may break. */
    private void calamity() {
        if (!world.isTroubled()) {
            return;
        }
        if (world.goesWrong(Fault.WORKER_KILLED, .2)) {
            world.pick(workers.stream().filter(SimulatedWorker::isAlive).toList())
                    .die();
        }
        if (world.goesWrong(Fault.WORKER_DRAINED, .1)) {
            world.pick(workers.stream().filter(SimulatedWorker::isAlive).toList())
                    .drain();
        }
        var up = coordinators.stream().filter(SimulatedCoordinator::isUp).toList();
        if (up.size() > 1 && world.goesWrong(Fault.COORDINATOR_KILLED, .15)) {
            world.pick(up).die();
        } else if (up.size() > 1 && world.goesWrong(Fault.COORDINATOR_PAUSED, .15)) {
            world.pick(up).pause();
        }
        world.after(300 + world.random.nextInt(1000), this::calamity);
    }

    // ---- coordinators, and where entities live

    private void startCoordinator() {
        coordinators.add(new SimulatedCoordinator(this, "coordinator-" + born++));
        tellWorkers();
    }

    void lost(SimulatedCoordinator node) {
        moveEntities(node);
        world.after(500 + world.random.nextInt(2000), this::startCoordinator);
        tellWorkers();
    }

    /** After a while others have its entities; each recovers there when it is told something. */
    void moveEntities(SimulatedCoordinator node) {
        for (var key : List.copyOf(owners.keySet())) {
            if (owners.get(key) == node) {
                world.after(200 + world.random.nextInt(2000), () -> owners.remove(key, node));
            }
        }
    }

    private void tellWorkers() {
        for (var worker : workers) {
            world.after(world.random.nextInt(500), worker::meetDispatchers);
        }
    }

    List<SimulatedCoordinator> coordinators() {
        return coordinators;
    }

    long nextLife() {
        return ++lives;
    }

    static String key(SimulatedEntity<?, ?> entity) {
        return key(entity.getClass(), entity.id);
    }

    static String key(Class<?> kind, String id) {
        return kind.getSimpleName() + "|" + id;
    }

    boolean owns(SimulatedCoordinator node, SimulatedEntity<?, ?> entity) {
        return owners.get(key(entity)) == node;
    }

    void problem(String id, Consumer<ProblemEntity> message) {
        tell(id, ProblemEntity.class, node -> new ProblemEntity(node, id), message);
    }

    void job(String id, Consumer<JobEntity> message) {
        tell(id, JobEntity.class, node -> new JobEntity(node, id), message);
    }

    private void sweep(Consumer<SweepEntity> message) {
        tell(sweep.id(), SweepEntity.class, node -> new SweepEntity(node, sweep.id()), message);
    }

    /** What cluster sharding does: an entity lives on one node that is there, or thought to be. */
    private <T extends SimulatedEntity<?, ?>> void tell(
            String id, Class<T> kind, Function<SimulatedCoordinator, T> creation, Consumer<T> message) {
        var key = key(kind, id);
        var up = coordinators.stream().filter(SimulatedCoordinator::isUp).toList();
        if (!owners.containsKey(key) && !up.isEmpty()) {
            owners.put(key, world.pick(up));
        }
        if (owners.containsKey(key)) {
            var owner = owners.get(key);
            owner.receive(() -> {
                if (owners.get(key) == owner) {
                    var entity = owner.entity(key, kind, creation);
                    entity.receive(() -> message.accept(entity));
                }
            });
        }
    }

    // ---- workers

    private ServedModel model(String name, int slots) {
        return new ServedModel(name, "00", "none", new NumericsClass("simulated", "any", "00", "exact"), slots, 1000);
    }

    private void startPolicy(String model) {
        int slots = 1 + world.random.nextInt(6);
        start(new SimulatedWorker<>(
                this,
                Role.POLICY.id() + "-" + born++,
                Role.POLICY,
                slots,
                new SimulatedPolicy(model(model, slots), language, SimulatedLatency.none()),
                PolicyWorker.requests(),
                Simulation::extended,
                () -> startPolicy(model)));
    }

    private void startPrm() {
        int slots = 1 + world.random.nextInt(6);
        start(new SimulatedWorker<>(
                this,
                Role.PRM.id() + "-" + born++,
                Role.PRM,
                slots,
                new SimulatedPrm(model(MODEL, slots), language, SimulatedLatency.none()),
                PrmWorker.requests(),
                Simulation::scored,
                this::startPrm));
    }

    private void start(SimulatedWorker<?, ?> worker) {
        workers.add(worker);
        worker.meetDispatchers();
        world.after(world.random.nextInt(RENEWAL_MILLIS), worker::renew);
    }

    private static List<DispatchEffect> extended(
            SimulatedCoordinator node,
            SimulatedWorker<?, ExtendResult> worker,
            List<ExtendResult> results,
            SlotOffer offer,
            long now) {
        return node.core.extended(
                worker.id,
                results.stream()
                        .map(result -> result instanceof ExtendResult.Generated(var key, var lease, var step, var usage)
                                ? new ExtendResult.Generated(node.key(key), lease, step, usage)
                                : result)
                        .toList(),
                offer,
                now);
    }

    private static List<DispatchEffect> scored(
            SimulatedCoordinator node,
            SimulatedWorker<?, ScoreResult> worker,
            List<ScoreResult> results,
            SlotOffer offer,
            long now) {
        return node.core.scored(worker.id, results, offer, now);
    }
}
