package cloudchamber.bench;

import cloudchamber.coordinator.dispatch.Placement;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** B5: how little is read twice. */
final class PrefixAffinity implements Benchmark {
    private static final int PROBLEMS = 64;
    private static final int PARTICLES = 16;
    private static final int WORKERS = 4;
    private static final int SLOTS = 16;
    private static final double GOAL = .9;
    private static final double GOAL_LOAD = 1.2;

    @Override
    public String id() {
        return "B5";
    }

    @Override
    public String title() {
        return "prefix affinity: tokens computed, with caches too small for all";
    }

    @Override
    public String ideal() {
        return "Ideal: every token is computed once, as with one endless cache. Score: ideal over computed, for 64 problems"
                + " at once on 4 caches that together hold 60 % of the prefixes these problems go on from (each problem's at"
                + " its most); simulated time, the shipped dispatcher.";
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        output.progress("what the caches would have to hold");
        var need = cluster(settings.seed(), Double.POSITIVE_INFINITY, Placement.leastCost())
                .liveTokens();
        if (settings.all()) {
            for (double share : new double[] {.3, 1}) {
                output.figure(figure(settings.seed(), share, need, Placement.leastCost(), ""));
            }
            output.figure(figure(settings.seed(), .6, need, mostFree(), " without affinity"));
        }
        output.progress("with 60 % of that");
        return figure(settings.seed(), .6, need, Placement.leastCost(), "");
    }

    /** What a router that knows nothing of prefixes does. */
    private static Placement mostFree() {
        return (candidates, patient) -> candidates.stream()
                .max(Comparator.comparingInt(Placement.Candidate::freeSlots))
                .map(Placement.Candidate::workerId);
    }

    private static Figure figure(long seed, double share, double need, Placement placement, String remark) {
        var ran = cluster(seed, share * need / WORKERS, placement);
        return new Figure(
                "caches " + Math.round(100 * share) + " %" + remark,
                (double) ran.newTokens() / ran.computedTokens(),
                Figure.Direction.HIGHER,
                GOAL,
                ran.newTokens(),
                ran.computedTokens(),
                "tokens",
                seed,
                Map.of(
                        "loadMaxOverMean",
                        loadMaxOverMean(ran.busyMillis()),
                        "loadGoal",
                        GOAL_LOAD,
                        "makespanSeconds",
                        ran.nowMillis() / 1000));
    }

    private static double loadMaxOverMean(List<Double> busy) {
        double mean = busy.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        return busy.stream().mapToDouble(Double::doubleValue).max().orElseThrow() / mean;
    }

    private static VirtualCluster cluster(long seed, double cacheTokens, Placement placement) {
        var workload = new Workload(seed, PARTICLES, 1);
        var cluster = new VirtualCluster(workload, BenchDispatch.settings(), placement);
        for (int worker = 0; worker < WORKERS; worker++) {
            cluster.addPolicy(SLOTS, cacheTokens);
        }
        cluster.addPrm(SLOTS);
        int[] open = {PROBLEMS};
        workload.problems("job", PROBLEMS, 0)
                .forEach(problem -> cluster.at(0, () -> cluster.start(problem, () -> open[0]--)));
        cluster.runUntil(() -> open[0] == 0);
        return cluster;
    }
}
