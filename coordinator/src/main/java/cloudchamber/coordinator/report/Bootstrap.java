package cloudchamber.coordinator.report;

import cloudchamber.protocol.model.CounterRandom;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * The cluster bootstrap: problems are drawn with replacement, each with all its runs, so that what is shared
 * by the runs of one problem is not mistaken for evidence. One draw serves every method and budget at once.
 *
 * @param seed of the draws; the same seed gives the same intervals
 * @param replicates how often the problems are drawn, at least 100
 */
public record Bootstrap(long seed, int replicates) {
    /*
     * [1] Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13: the percentile interval.
     * [2] Draw i of replicate r stands at position r · n + i of one counter-based stream, so no draw depends on
     *     what else was computed.
     */
    private static final double TAIL = 0.025;

    public Bootstrap {
        if (replicates < 100) {
            throw new IllegalArgumentException("a bootstrap must have at least 100 replicates: had " + replicates);
        }
    }

    /** 2000 replicates. */
    public static Bootstrap standard() {
        return new Bootstrap(0, 2000);
    }

    /**
     * The problems of one replicate.
     *
     * @param problems n, at least 1
     * @return (n) indices in [0, n), in the order drawn
     */
    public int[] draw(int replicate, int problems) {
        var indices = new int[problems];
        for (int place = 0; place < problems; place++) {
            indices[place] = (int) (CounterRandom.uniform(seed, (long) replicate * problems + place) * problems);
        }
        return indices;
    }

    /**
     * What a statistic is on each replicate, in ascending order.
     *
     * @param statistic of a sample of problems, given by their indices; infinite where it lies beyond what was
     *     measured
     */
    public double[] sorted(int problems, ToDoubleFunction<int[]> statistic) {
        var values = new double[replicates];
        for (int replicate = 0; replicate < replicates; replicate++) {
            values[replicate] = statistic.applyAsDouble(draw(replicate, problems));
        }
        Arrays.sort(values);
        return values;
    }

    /** The 95 % percentile interval [1] of a statistic, about its value on the problems as they are. */
    public Interval interval(int problems, ToDoubleFunction<int[]> statistic) {
        var all = new int[problems];
        Arrays.setAll(all, place -> place);
        var values = sorted(problems, statistic);
        return new Interval(statistic.applyAsDouble(all), quantile(values, TAIL), quantile(values, 1 - TAIL));
    }

    /** The smallest value with at least a share of {@code q} of the values at or below it. */
    static double quantile(double[] sorted, double q) {
        int rank = (int) Math.ceil(q * sorted.length);
        return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
    }

    /** The mean of some problems' values. */
    static double mean(double[] values, int[] problems) {
        double sum = 0;
        for (int problem : problems) {
            sum += values[problem];
        }
        return sum / problems.length;
    }
}
