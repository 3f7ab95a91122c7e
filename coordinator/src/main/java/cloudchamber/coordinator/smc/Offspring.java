package cloudchamber.coordinator.smc;

import java.util.Arrays;
import java.util.List;

/**
 * What a resampling of N particles left: M children, each with its parent and its log-weight.
 * Immutable.
 *
 * <p>A child's log-weight is relative to an equal share, 1/M of what the parents had together. So it is 0
 * for every child of a scheme that draws children in proportion to the weights.
 */
public final class Offspring {
    private final int[] ancestors; // (M), each in [0, N)
    private final double[] logWeights; // (M)

    private Offspring(int[] ancestors, double[] logWeights) {
        this.ancestors = ancestors;
        this.logWeights = logWeights;
    }

    /** Children of equal weight; takes the array over. */
    static Offspring equal(int[] ancestors) {
        return new Offspring(ancestors, new double[ancestors.length]);
    }

    /**
     * Children with their own weights.
     *
     * @param ancestors (M), each a parent's index
     * @param logWeights (M), relative to an equal share
     */
    public static Offspring of(int[] ancestors, double[] logWeights) {
        if (ancestors.length != logWeights.length) {
            throw new IllegalArgumentException("children need one log-weight each: were " + ancestors.length
                    + " children and " + logWeights.length + " log-weights");
        }
        return new Offspring(ancestors.clone(), logWeights.clone());
    }

    /** M. */
    public int size() {
        return ancestors.length;
    }

    /** The parent of one child, in [0, N). */
    public int ancestor(int child) {
        return ancestors[child];
    }

    /** The log-weight of one child. */
    public double logWeight(int child) {
        return logWeights[child];
    }

    /** The parents, (M). */
    public List<Integer> ancestors() {
        return Arrays.stream(ancestors).boxed().toList();
    }

    /** The children's log-weights, (M). */
    public List<Double> logWeights() {
        return Arrays.stream(logWeights).boxed().toList();
    }
}
