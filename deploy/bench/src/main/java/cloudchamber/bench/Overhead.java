package cloudchamber.bench;

import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.protocol.wire.Role;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** B2: what a particle-step costs beside the models. */
final class Overhead implements Benchmark {
    private static final int PARTICLES = 16;
    private static final int SLOTS = 64;
    private static final int IN_FLIGHT = 8;
    private static final int WARM_UP = 2000;
    private static final int PROBLEMS = 500;
    private static final int WARM_UP_TRIPS = 50_000;
    private static final int TRIPS = 100_000;
    private static final int CHARACTERS = 60;
    private static final Law NONE = new Law.Constant(0);
    private static final double GOAL = 3;
    private static final double GOAL_ONE_JVM_MICROS = 25;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Override
    public String id() {
        return "B2";
    }

    @Override
    public String title() {
        return "processor time of a particle-step, with models that take none";
    }

    @Override
    public String ideal() {
        return "Ideal: two bare round trips of 200 bytes between the same two processes, 64 at once. Score: processor time of"
                + " both processes for one step and its score, over that. Beside it: all in one JVM, without and with the"
                + " journal.";
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        output.progress("all in one JVM, journal off");
        double off = oneJvm(settings.seed(), Map.of());
        output.progress("all in one JVM, journal on");
        double on = withJournal(settings.seed());
        output.figure(one("one JVM, journal off", off, settings.seed()));
        output.figure(one("one JVM, journal on", on, settings.seed()));
        try (var node = BenchNode.start(Role.COORDINATOR.id(), 0, Map.of())) {
            var dispatcher = node.startDispatcher();
            node.startProblems(dispatcher);
            try (var worker = WorkerProcess.start(node.port(), SLOTS, CHARACTERS, NONE, SLOTS, NONE)) {
                node.awaitWorkers(dispatcher, 2);
                Supplier<Duration> both = () -> processorTime().plus(worker.processorTime());
                output.progress("bare round trips");
                Echo.pingPong(node, WARM_UP_TRIPS, SLOTS, "warm-up", PATIENCE);
                var before = both.get();
                Echo.pingPong(node, TRIPS, SLOTS, "trips", PATIENCE);
                double trip = micros(both.get().minus(before)) / TRIPS;
                output.progress("steps over two processes");
                double step = microsAStep(node, settings.seed(), both);
                return new Figure(
                        "two processes",
                        step / (2 * trip),
                        Figure.Direction.LOWER,
                        GOAL,
                        2 * trip,
                        step,
                        "µs of processor time",
                        settings.seed(),
                        Map.of("oneJvmMicros", off, "oneJvmWithJournalMicros", on));
            }
        }
    }

    private static Figure one(String name, double micros, long seed) {
        return new Figure(
                name,
                micros,
                Figure.Direction.LOWER,
                GOAL_ONE_JVM_MICROS,
                GOAL_ONE_JVM_MICROS,
                micros,
                "µs of processor time",
                seed,
                Map.of());
    }

    private static double oneJvm(long seed, Map<String, ?> journal) {
        try (var node = BenchNode.start(Role.COORDINATOR.id(), 0, journal)) {
            var dispatcher = node.startDispatcher();
            node.startProblems(dispatcher);
            node.startPolicy(SLOTS, CHARACTERS, NONE);
            node.startPrm(SLOTS, NONE);
            node.awaitWorkers(dispatcher, 2);
            return microsAStep(node, seed, Overhead::processorTime);
        }
    }

    private static double withJournal(long seed) {
        try (var folder = new TemporaryFolder()) {
            return oneJvm(
                    seed,
                    Map.of(
                            "pekko.persistence.journal.plugin",
                            "cloudchamber.journal.events",
                            "pekko.persistence.snapshot-store.plugin",
                            "cloudchamber.journal.snapshots",
                            "cloudchamber.journal.directory",
                            folder.path().toString()));
        }
    }

    private static double microsAStep(BenchNode node, long seed, Supplier<Duration> processorTime) {
        var workload = new Workload(seed, PARTICLES, 1);
        node.run(workload.problems("warm-up", WARM_UP, 0), IN_FLIGHT, PATIENCE);
        var problems = workload.problems("measured", PROBLEMS, WARM_UP);
        var before = processorTime.get();
        node.run(problems, IN_FLIGHT, PATIENCE);
        return micros(processorTime.get().minus(before)) / steps(problems);
    }

    static long steps(List<ProblemSpecification> problems) {
        return problems.stream()
                .mapToLong(problem -> (long) PARTICLES * problem.limits().maxSteps())
                .sum();
    }

    private static double micros(Duration duration) {
        return duration.toNanos() / 1000.0;
    }

    /** Of this process. */
    static Duration processorTime() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? Duration.ofNanos(system.getProcessCpuTime())
                : Duration.ZERO;
    }
}
