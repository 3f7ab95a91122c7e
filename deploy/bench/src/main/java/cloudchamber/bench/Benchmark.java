package cloudchamber.bench;

/** One question about speed, cost or fairness, with an answer that can be held against an ideal. */
public interface Benchmark {

    /** By which it is asked for, such as {@code B5}. */
    String id();

    /** A few words. */
    String title();

    /** One sentence: what the ideal is, and how the score follows from it and from what was measured. */
    String ideal();

    /**
     * Runs it.
     *
     * @param output takes progress and every figure but the last
     * @return the headline; printed last
     * @throws BenchmarkFailure if something it needs is missing, or what ran went wrong
     */
    Figure run(BenchmarkSettings settings, BenchmarkOutput output);
}
