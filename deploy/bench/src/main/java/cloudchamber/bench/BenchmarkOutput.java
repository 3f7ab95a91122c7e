package cloudchamber.bench;

/** Where a running benchmark tells what it does and what it found. */
public interface BenchmarkOutput {

    /** What is being done now, for people. */
    void progress(String message);

    /** A figure beside the headline: one case of a grid, one part of a whole. */
    void figure(Figure figure);
}
