package cloudchamber.coordinator.report;

import java.util.List;

/**
 * An estimate of a proportion with its 95 % interval, all in [0, 1].
 */
public record Interval(double estimate, double low, double high) {
    /** The 97.5 % point of the standard normal distribution. */
    private static final double Z = 1.959963984540054;

    /*
     * [1] Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927):
     *     for a proportion of independent trials, sound near 0 and 1.
     * [2] Cluster means: the problems are the independent units, the runs of one problem are not; the
     *     variance is that of the problems' means. Cameron and Miller, "A Practitioner's Guide to
     *     Cluster-Robust Inference", Journal of Human Resources 50 (2015).
     */

    /**
     * The Wilson interval [1] of {@code successes} out of {@code trials}.
     *
     * @throws IllegalArgumentException unless 0 ≤ successes ≤ trials and trials ≥ 1
     */
    public static Interval wilson(int successes, int trials) {
        if (trials < 1 || successes < 0 || successes > trials) {
            throw new IllegalArgumentException(
                    "successes must be in [0, trials] with at least one trial: were " + successes + " of " + trials);
        }
        double n = trials;
        double p = successes / n;
        double centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
        double half = Z / (1 + Z * Z / n) * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
        return new Interval(p, successes == 0 ? 0 : centre - half, successes == trials ? 1 : centre + half);
    }

    /**
     * The mean of proportions measured on independent problems, several runs each [2].
     *
     * @param means one for each problem, in [0, 1]; at least two
     */
    public static Interval ofClusterMeans(List<Double> means) {
        if (means.size() < 2) {
            throw new IllegalArgumentException("an interval over problems needs at least 2: had " + means.size());
        }
        double mean = means.stream().mapToDouble(Double::doubleValue).sum() / means.size();
        double squares = means.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        double half = Z * Math.sqrt(squares / (means.size() - 1) / means.size());
        return new Interval(mean, Math.max(0, mean - half), Math.min(1, mean + half));
    }
}
