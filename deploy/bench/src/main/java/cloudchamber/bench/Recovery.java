package cloudchamber.bench;

import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.wire.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/** B7: how long the steps of a worker that was killed are missed. */
final class Recovery implements Benchmark {
    private static final int SLOTS = 16;
    private static final double STEP_MILLIS = 200;
    private static final double LATE_MILLIS = 3 * STEP_MILLIS;
    private static final double LEASE_MILLIS =
            BenchDispatch.settings().leaseDuration().toMillis();
    private static final Duration AFTERWARDS = Duration.ofSeconds(5);
    private static final int KILLS = 3;
    private static final double GOAL_MILLIS = 2000;

    @Override
    public String id() {
        return "B7";
    }

    @Override
    public String title() {
        return "kill -9 of a worker process that holds leases, steps of 200 ms";
    }

    @Override
    public String ideal() {
        return "Ideal: the lease's 1.5 s and one step. Score: ms from the kill to the last of the affected lines' next steps,"
                + " the worst of the kills.";
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        var recoveries = new ArrayList<Double>();
        var affected = new ArrayList<Integer>();
        var repeated = new ArrayList<Long>();
        for (int kill = 1; kill <= KILLS; kill++) {
            output.progress("kill " + kill + " of " + KILLS);
            kill(settings.seed() + kill, recoveries, affected, repeated);
        }
        double worst =
                recoveries.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        return new Figure(
                "worker, " + KILLS + " kills",
                worst,
                Figure.Direction.LOWER,
                GOAL_MILLIS,
                LEASE_MILLIS + STEP_MILLIS,
                worst,
                "ms",
                settings.seed(),
                Map.of(
                        "recoveriesMillis",
                        recoveries,
                        "stepsLostWithTheWorker",
                        affected,
                        "stepsExecutedTwice",
                        repeated,
                        "slotsOfTheWorker",
                        SLOTS));
    }

    private static void kill(long seed, List<Double> recoveries, List<Integer> affected, List<Long> repeated) {
        var law = new Law.Constant(STEP_MILLIS);
        var none = new Law.Constant(0);
        try (var node = BenchNode.start(Role.COORDINATOR.id(), 0, Map.of())) {
            var dispatcher = node.startDispatcher();
            try (var victim = WorkerProcess.start(node.port(), SLOTS, 240, law, 1, none);
                    var survivor = WorkerProcess.start(node.port(), 2 * SLOTS, 240, law, 1, none)) {
                node.awaitWorkers(dispatcher, 4);
                var steps = new ConcurrentLinkedQueue<Lines.Came>();
                Lines.start(node, dispatcher, 2 * SLOTS, seed, steps::add);
                BenchNode.pause(Duration.ofMillis(3000 + new CounterRandom(seed).nextInt(1000)));
                long killed = System.nanoTime();
                victim.kill();
                BenchNode.pause(AFTERWARDS);
                var late = steps.stream()
                        .filter(step -> step.askedNanos() < killed && step.cameNanos() - killed > LATE_MILLIS * 1e6)
                        .mapToDouble(step -> (step.cameNanos() - killed) / 1e6)
                        .toArray();
                if (late.length == 0) {
                    throw new BenchmarkFailure(
                            "the killed worker must have held leases: no step was missed; " + survivor.report());
                }
                recoveries.add(Arrays.stream(late).max().orElseThrow());
                affected.add(late.length);
                repeated.add(survivor.report().repeatedSteps());
            }
        }
    }
}
