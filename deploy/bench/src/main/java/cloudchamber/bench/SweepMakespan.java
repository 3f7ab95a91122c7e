package cloudchamber.bench;

import cloudchamber.coordinator.dispatch.DispatchSettings;
import cloudchamber.coordinator.dispatch.DispatchSettings.Order;
import cloudchamber.coordinator.dispatch.Placement;
import cloudchamber.protocol.wire.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;

/** B1: how long a sweep takes. */
final class SweepMakespan implements Benchmark {
    private static final int PARTICLES = 16;
    private static final double COMPRESSION = 20;
    private static final int SLOTS_A_PRM_SLOT = 8;
    private static final int SEEDS = 5;
    private static final double GOAL = .9;
    private static final double GOAL_OF_ZERO_OVERHEAD = .98;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Override
    public String id() {
        return "B1";
    }

    @Override
    public String title() {
        return "makespan of a sweep, over two processes, time compressed 1:20";
    }

    @Override
    public String ideal() {
        return "Ideal: the larger of policy work over policy slots, PRM work over PRM slots, and the longest problem's own"
                + " critical path. Score: ideal over measured. Beside it: the same order and draws in simulated time"
                + " without any overhead.";
    }

    /** One cell of the grid. */
    private record Case(int slots, double coefficientOfVariation, int problems) {
        String name() {
            return "S=" + slots + " cv=" + coefficientOfVariation + " P=" + problems;
        }
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        if (settings.all()) {
            for (int slots : new int[] {16, 64, 256}) {
                for (double variation : new double[] {.5, 1, 1.5}) {
                    if (slots != 64 || variation != 1) {
                        output.figure(figure(
                                new Case(slots, variation, slots == 256 ? 256 : 100), settings.seed(), 1, output));
                    }
                }
            }
        }
        return figure(new Case(64, 1, 100), settings.seed(), SEEDS, output);
    }

    private record Virtual(double idealMillis, double makespanMillis) {}

    private static Figure figure(Case cell, long firstSeed, int seeds, BenchmarkOutput output) {
        var scores = new ArrayList<Double>();
        double ideal = 0;
        double measured = 0;
        double zeroOverhead = 0;
        double fewestRounds = 0;
        double late = 0;
        int prmSlots = Math.max(1, cell.slots() / SLOTS_A_PRM_SLOT);
        try (var node = BenchNode.start(Role.COORDINATOR.id(), 0, Map.of())) {
            var dispatcher = node.startDispatcher();
            node.startProblems(dispatcher);
            var score = new Law.Constant(new Workload(0, 1, 1).scoreMillis() / COMPRESSION);
            try (var worker = WorkerProcess.start(
                    node.port(),
                    cell.slots(),
                    1,
                    new Law.Steps(cell.coefficientOfVariation(), COMPRESSION),
                    prmSlots,
                    score)) {
                node.awaitWorkers(dispatcher, 2);
                output.progress(cell.name() + ": warming up");
                node.run(new Workload(0, PARTICLES, 1).problems("warm-up", 8, 0), 8, PATIENCE);
                for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
                    var workload = new Workload(seed, PARTICLES, cell.coefficientOfVariation());
                    var virtual = virtual(workload, cell, prmSlots, Order.OLDEST);
                    output.progress(cell.name() + ": seed " + seed + ", ideally "
                            + Math.round(virtual.idealMillis() / COMPRESSION / 1000) + " s");
                    double millis = COMPRESSION
                            * node.run(
                                            workload.problems("sweep-" + seed, cell.problems(), seed * 10_000),
                                            cell.problems(),
                                            PATIENCE)
                                    .toNanos()
                            / 1e6;
                    scores.add(virtual.idealMillis() / millis);
                    ideal += virtual.idealMillis() / seeds;
                    measured += millis / seeds;
                    zeroOverhead += virtual.makespanMillis() / seeds;
                    fewestRounds += virtual(workload, cell, prmSlots, Order.FEWEST_ROUNDS)
                                    .makespanMillis()
                            / seeds;
                }
                late = worker.report().meanLateMicros();
            }
        }
        double mean = scores.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        return new Figure(
                        cell.name() + ", mean of " + seeds + (seeds == 1 ? " seed" : " seeds"),
                        mean,
                        Figure.Direction.HIGHER,
                        GOAL,
                        ideal / 1000,
                        measured / 1000,
                        "s",
                        firstSeed,
                        Map.of())
                .with("scores", scores)
                .with("zeroOverheadSeconds", zeroOverhead / 1000)
                .with("zeroOverheadScore", ideal / zeroOverhead)
                .with("ofZeroOverhead", zeroOverhead / measured)
                .with("goalOfZeroOverhead", GOAL_OF_ZERO_OVERHEAD)
                .with("fewestRoundsZeroOverheadSeconds", fewestRounds / 1000)
                .with("meanLatencyErrorMicros", late);
    }

    private static Virtual virtual(Workload workload, Case cell, int prmSlots, Order order) {
        var shipped = BenchDispatch.settings();
        var settings = new DispatchSettings(
                shipped.leaseDuration(),
                shipped.maxAttempts(),
                shipped.patience(),
                shipped.backoff(),
                shipped.maxBackoff(),
                shipped.maxWaiting(),
                order,
                Double.MAX_VALUE,
                Duration.ofDays(1),
                shipped.probeInterval());
        var cluster = new VirtualCluster(workload, settings, Placement.leastCost());
        cluster.addPolicy(cell.slots(), Double.POSITIVE_INFINITY);
        cluster.addPrm(prmSlots);
        int[] open = {cell.problems()};
        workload.problems("sweep-" + workload.seed(), cell.problems(), 0)
                .forEach(problem -> cluster.at(0, () -> cluster.start(problem, () -> open[0]--)));
        cluster.runUntil(() -> open[0] == 0);
        double ideal = Math.max(
                Math.max(cluster.workMillis(Role.POLICY) / cell.slots(), cluster.workMillis(Role.PRM) / prmSlots),
                cluster.criticalPathMillis());
        return new Virtual(ideal, cluster.nowMillis());
    }
}
