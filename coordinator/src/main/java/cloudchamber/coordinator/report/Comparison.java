package cloudchamber.coordinator.report;

import java.util.Arrays;

/**
 * Two methods on the same problems.
 *
 * @param difference of their accuracies, first minus second, with its 95 % interval over problems
 * @param onlyFirst runs that the first got right and the second did not
 * @param onlySecond the other way round
 * @param pValue two-sided, of no difference: McNemar's exact test for one run a problem, else the bootstrap's
 */
public record Comparison(Interval difference, int onlyFirst, int onlySecond, double pValue) {
    /*
     * [1] McNemar, "Note on the sampling error of the difference between correlated proportions", Psychometrika
     *     12 (1947), in its exact form: given b + c discordant pairs, b is Binomial(b + c, 1/2).
     * [2] With several seeds the runs of a problem are not independent, so the problems are resampled: twice the
     *     smaller share of replicates on one side of 0, those on 0 counted half, never below 1 / replicates.
     */

    /** Whether 0 lies outside the interval of the difference. */
    public boolean significant() {
        return difference.low() > 0 || difference.high() < 0;
    }

    /**
     * @param first (problems, seeds) whether each run was right
     * @param second the same problems and seeds, in the same order
     * @throws IllegalArgumentException unless both have one shape with at least one problem and one seed
     */
    public static Comparison of(boolean[][] first, boolean[][] second, Bootstrap bootstrap) {
        requireOneShape(first, second);
        int onlyFirst = 0;
        int onlySecond = 0;
        var differences = new double[first.length];
        for (int problem = 0; problem < first.length; problem++) {
            for (int seed = 0; seed < first[problem].length; seed++) {
                onlyFirst += first[problem][seed] && !second[problem][seed] ? 1 : 0;
                onlySecond += second[problem][seed] && !first[problem][seed] ? 1 : 0;
            }
            differences[problem] = share(first[problem]) - share(second[problem]);
        }
        var interval = bootstrap.interval(first.length, problems -> Bootstrap.mean(differences, problems));
        boolean single = Arrays.stream(first).allMatch(runs -> runs.length == 1);
        double pValue = single
                ? mcNemar(onlyFirst, onlySecond)
                : bootstrapped(bootstrap.sorted(first.length, problems -> Bootstrap.mean(differences, problems)));
        return new Comparison(interval, onlyFirst, onlySecond, pValue);
    }

    /** The exact two-sided p-value of McNemar's test [1]; 1 without discordant pairs. */
    public static double mcNemar(int onlyFirst, int onlySecond) {
        int discordant = onlyFirst + onlySecond;
        double logHalf = discordant * Math.log(0.5);
        double logCombinations = 0;
        double tail = 0;
        for (int count = 0; count <= Math.min(onlyFirst, onlySecond); count++) {
            tail += Math.exp(logCombinations + logHalf);
            logCombinations += Math.log(discordant - count) - Math.log(count + 1);
        }
        return Math.min(1, 2 * tail);
    }

    private static double bootstrapped(double[] sorted) {
        double below = 0;
        for (double value : sorted) {
            below += value < 0 ? 1 : value == 0 ? 0.5 : 0;
        }
        double share = below / sorted.length;
        return Math.clamp(2 * Math.min(share, 1 - share), 1.0 / sorted.length, 1);
    }

    private static double share(boolean[] runs) {
        int right = 0;
        for (boolean run : runs) {
            right += run ? 1 : 0;
        }
        return (double) right / runs.length;
    }

    private static void requireOneShape(boolean[][] first, boolean[][] second) {
        boolean same = first.length > 0 && first.length == second.length;
        for (int problem = 0; same && problem < first.length; problem++) {
            same = first[problem].length > 0 && first[problem].length == second[problem].length;
        }
        if (!same) {
            throw new IllegalArgumentException("two methods must have the same problems and seeds to be compared: had "
                    + first.length + " and " + second.length + " problems, or other seeds");
        }
    }
}
