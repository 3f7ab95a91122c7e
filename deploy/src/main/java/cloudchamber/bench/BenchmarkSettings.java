package cloudchamber.bench;

/**
 * How benchmarks run.
 *
 * @param seed of every random draw
 * @param all whether to run the whole grid of cases, not just the headline's
 */
public record BenchmarkSettings(long seed, boolean all) {}
