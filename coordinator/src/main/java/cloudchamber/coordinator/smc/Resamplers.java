package cloudchamber.coordinator.smc;

import java.util.random.RandomGenerator;

/** The resampling schemes. Children come in the order of their parents. */
public final class Resamplers {
    /*
     * The schemes walk the cumulative weights C_i with ordered points p_k in [0, 1): child k descends
     * from the first particle with p_k < C_i. Rounding may leave the last C below 1 (ten tenths make
     * 0.9999999999999999), so the last particle with a positive weight takes what is left.
     *
     * [1] Douc, Cappé and Moulines, "Comparison of Resampling Schemes for Particle Filtering", ISPA 2005.
     */
    private Resamplers() {}

    /** M independent draws. */
    public static Resampler multinomial() {
        return (weights, children, random) ->
                Offspring.equal(inverse(weights.normalised(), orderedUniforms(children, random)));
    }

    /**
     * One uniform u; the points (k + u)/M. A particle has MW children rounded down or up. Its variance is
     * usually low but has no guarantee: it depends on the order of the particles.
     */
    public static Resampler systematic() {
        return (weights, children, random) ->
                Offspring.equal(systematic(weights.normalised(), children, random.nextDouble()));
    }

    /** The children of systematic resampling for a given uniform, (M). */
    static int[] systematic(double[] weights, int children, double uniform) {
        /*
         * Particle i ends before child e_i = ceil(M C_i - u), the number of points below C_i. Each
         * particle writes itself where it begins, so that the last writer there is the one with children,
         * and a running maximum fills the gaps. No branch depends on the weights.
         */
        var ancestors = new int[children + 1];
        int last = lastAlive(weights);
        double cumulative = 0;
        int begin = 0;
        for (int particle = 0; particle <= last; particle++) {
            ancestors[begin] = particle;
            cumulative += weights[particle];
            begin = Math.clamp((int) StrictMath.ceil(children * cumulative - uniform), begin, children);
        }
        var parents = new int[children];
        int parent = 0;
        for (int child = 0; child < children; child++) {
            parent = Math.max(parent, ancestors[child]);
            parents[child] = parent;
        }
        return parents;
    }

    /** The particles that hold the ordered {@code points}, (M). */
    private static int[] inverse(double[] weights, double[] points) {
        var ancestors = new int[points.length];
        int last = lastAlive(weights);
        int particle = 0;
        double cumulative = weights[0];
        for (int child = 0; child < points.length; child++) {
            while (points[child] >= cumulative && particle < last) {
                cumulative += weights[++particle];
            }
            ancestors[child] = particle;
        }
        return ancestors;
    }

    private static int lastAlive(double[] weights) {
        int last = weights.length - 1;
        while (weights[last] == 0) {
            last--;
        }
        return last;
    }

    /** {@code count} sorted uniforms: partial sums of exponential spacings over their total. */
    private static double[] orderedUniforms(int count, RandomGenerator random) {
        var points = new double[count];
        double sum = 0;
        for (int point = 0; point < count; point++) {
            sum -= StrictMath.log(1 - random.nextDouble());
            points[point] = sum;
        }
        sum -= StrictMath.log(1 - random.nextDouble());
        for (int point = 0; point < count; point++) {
            points[point] /= sum;
        }
        return points;
    }
}
