package cloudchamber.bench;

import cloudchamber.coordinator.dispatch.Placement;
import cloudchamber.coordinator.problem.ProblemSpecification;
import java.util.ArrayDeque;
import java.util.Map;

/** B8: what a small job waits for because of a large one. */
final class Fairness implements Benchmark {
    private static final int LARGE = 1000;
    private static final int SMALL = 5;
    private static final int IN_FLIGHT = 256;
    private static final int PARTICLES = 16;
    private static final int WORKERS = 4;
    private static final int SLOTS = 16;
    private static final double ARRIVAL_MILLIS = 60_000;
    private static final double GOAL = 2;

    @Override
    public String id() {
        return "B8";
    }

    @Override
    public String title() {
        return "fairness: a job of 5 problems that comes a minute after one of 1,000";
    }

    @Override
    public String ideal() {
        return "Ideal: the small job's latency alone on the cluster. Score: its latency beside the large one over that;"
                + " two equal jobs share the slots, so 2 is fair. Idle slots while work waits must be none. Simulated"
                + " time, the shipped dispatcher.";
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        output.progress("the small job alone");
        var alone = latency(settings.seed(), false);
        output.progress("beside the large one");
        var beside = latency(settings.seed(), true);
        return new Figure(
                "1,000 problems and 5",
                beside.millis() / alone.millis(),
                Figure.Direction.LOWER,
                GOAL,
                alone.millis() / 1000,
                beside.millis() / 1000,
                "s",
                settings.seed(),
                Map.of("idleSlotSecondsWhileWorkWaits", beside.idleSlotMillis() / 1000));
    }

    private record Latency(double millis, double idleSlotMillis) {}

    private static Latency latency(long seed, boolean besideALargeOne) {
        var workload = new Workload(seed, PARTICLES, 1);
        var cluster = new VirtualCluster(workload, BenchDispatch.settings(), Placement.leastCost());
        for (int worker = 0; worker < WORKERS; worker++) {
            cluster.addPolicy(SLOTS, Double.POSITIVE_INFINITY);
        }
        cluster.addPrm(SLOTS);
        if (besideALargeOne) {
            var waiting = new ArrayDeque<>(workload.problems("large", LARGE, 0));
            cluster.at(0, () -> {
                for (int problem = 0; problem < IN_FLIGHT; problem++) {
                    next(cluster, waiting);
                }
            });
        }
        int[] open = {SMALL};
        workload.problems("small", SMALL, LARGE)
                .forEach(problem -> cluster.at(ARRIVAL_MILLIS, () -> cluster.start(problem, () -> open[0]--)));
        cluster.runUntil(() -> open[0] == 0);
        return new Latency(cluster.nowMillis() - ARRIVAL_MILLIS, cluster.idleSlotMillis());
    }

    /** As a job does: the next one starts when one ends. */
    private static void next(VirtualCluster cluster, ArrayDeque<ProblemSpecification> waiting) {
        var problem = waiting.poll();
        if (problem != null) {
            cluster.start(problem, () -> next(cluster, waiting));
        }
    }
}
