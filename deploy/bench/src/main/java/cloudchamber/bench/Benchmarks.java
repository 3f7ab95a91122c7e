package cloudchamber.bench;

import java.util.List;

/** Every benchmark there is. */
public final class Benchmarks {
    private Benchmarks() {}

    /** In the order of their ids. */
    public static List<Benchmark> all() {
        return List.of(
                new SweepMakespan(),
                new Overhead(),
                new InFlight(),
                new PrefixAffinity(),
                new ResamplingBenchmark(),
                new Recovery(),
                new Fairness(),
                new Intake(),
                new DashboardTax(),
                new WireBytes(),
                new EngineSpeed(),
                new EngineReuse(),
                new EngineMemory(),
                new Grading());
    }
}
