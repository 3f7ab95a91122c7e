package cloudchamber.coordinator.smc;

import java.util.random.RandomGenerator;

/**
 * The resampling schemes. Children come in the order of their parents, and all of them but those of
 * {@link #optimal} have equal weights.
 */
public final class Resamplers {
    /*
     * The first schemes walk the cumulative weights C_i with ordered points p_k in [0, 1): child k
     * descends from the first particle with p_k < C_i. Rounding may leave the last C below 1 (ten tenths
     * make 0.9999999999999999), so the last particle with a positive weight takes what is left.
     *
     * [1] Douc, Cappé and Moulines, "Comparison of Resampling Schemes for Particle Filtering", ISPA 2005.
     * [2] Gerber, Chopin and Whiteley, "Negative Association, Ordering and Convergence of Resampling
     *     Methods", Annals of Statistics 47 (2019): the Srinivasan sampling process.
     * [3] Fearnhead and Clifford, "On-line Inference for Hidden Markov Models via Particle Filters",
     *     JRSS B 65 (2003): optimal resampling without replacement.
     */
    private static final double ROUNDING = 1e-9;

    private Resamplers() {}

    /** M independent draws. */
    public static Resampler multinomial() {
        return (weights, children, random) ->
                Offspring.equal(inverse(weights.normalised(), orderedUniforms(children, random)));
    }

    /** MW children rounded down, and the rest by independent draws from what is left. Never worse than multinomial [1]. */
    public static Resampler residual() {
        return (weights, children, random) -> {
            var shares = weights.normalised();
            var counts = new int[shares.length];
            int left = children - takeWholes(shares, children, counts);
            if (left > 0) {
                for (int parent : inverse(normalise(shares), orderedUniforms(left, random))) {
                    counts[parent]++;
                }
            }
            return Offspring.equal(repeat(counts, children));
        };
    }

    /** One uniform for each of M equal parts of [0, 1). Never worse than multinomial [1]. */
    public static Resampler stratified() {
        return (weights, children, random) -> {
            var points = new double[children];
            for (int child = 0; child < children; child++) {
                points[child] = (child + random.nextDouble()) / children;
            }
            return Offspring.equal(inverse(weights.normalised(), points));
        };
    }

    /**
     * One uniform u; the points (k + u)/M. A particle has MW children rounded down or up. Its variance is
     * usually low but has no guarantee: it depends on the order of the particles, and may exceed
     * multinomial's [1].
     */
    public static Resampler systematic() {
        return (weights, children, random) ->
                Offspring.equal(systematic(weights.normalised(), children, random.nextDouble()));
    }

    /** Systematic over a random order of the particles, for where order goes with content. */
    public static Resampler systematicShuffled() {
        return (weights, children, random) -> {
            var shares = weights.normalised();
            var order = permutation(shares.length, random);
            var shuffled = new double[shares.length];
            for (int place = 0; place < order.length; place++) {
                shuffled[place] = shares[order[place]];
            }
            var counts = new int[shares.length];
            for (int place : systematic(shuffled, children, random.nextDouble())) {
                counts[order[place]]++;
            }
            return Offspring.equal(repeat(counts, children));
        };
    }

    /** MW children rounded down or up by pairwise transfers [2]: negatively associated, whatever the order. */
    public static Resampler ssp() {
        return (weights, children, random) -> {
            var fractions = weights.normalised();
            var counts = new int[fractions.length];
            int whole = takeWholes(fractions, children, counts);
            int carrier = 0;
            double carried = fractions[0];
            for (int next = 1; next < fractions.length; next++) {
                double both = carried + fractions[next];
                if (both < 1) {
                    /* One of the two gives its fraction to the other. */
                    carrier = random.nextDouble() * both < carried || both == 0 ? carrier : next;
                    carried = both;
                } else {
                    /* One of the two becomes a child; the other keeps what is left. */
                    boolean carrierIsChild = random.nextDouble() * (2 - both) < 1 - fractions[next];
                    counts[carrierIsChild ? carrier : next]++;
                    carrier = carrierIsChild ? next : carrier;
                    carried = both - 1;
                    whole++;
                }
            }
            /* The fractions add up to a whole number, so what is carried at the end is 0 or 1 but for rounding. */
            counts[carrier] += children - whole;
            return Offspring.equal(repeat(counts, children));
        };
    }

    /**
     * At most M distinct children [3]: particles above a threshold are kept as they are; of the others some
     * are kept, systematically, at the threshold's weight. If no more than M particles are alive, they are
     * the children.
     */
    public static Resampler optimal() {
        return (weights, children, random) -> {
            var shares = weights.normalised();
            int alive = 0;
            for (double share : shares) {
                alive += share > 0 ? 1 : 0;
            }
            double threshold = alive <= children ? 0 : threshold(shares, children);
            var rest = new double[shares.length];
            int kept = 0;
            for (int particle = 0; particle < shares.length; particle++) {
                if (shares[particle] > threshold) {
                    kept++;
                } else {
                    rest[particle] = shares[particle];
                }
            }
            int drawn = alive <= children ? 0 : children - kept;
            var counts = new int[shares.length];
            if (drawn > 0) {
                for (int parent : systematic(normalise(rest), drawn, random.nextDouble())) {
                    counts[parent]++;
                }
            }
            var ancestors = new int[kept + drawn];
            var logWeights = new double[kept + drawn];
            int child = 0;
            for (int particle = 0; particle < shares.length; particle++) {
                boolean keeps = shares[particle] > threshold;
                for (int copy = 0; copy < (keeps ? 1 : counts[particle]); copy++) {
                    ancestors[child] = particle;
                    logWeights[child++] = StrictMath.log(children * (keeps ? shares[particle] : threshold));
                }
            }
            return Offspring.of(ancestors, logWeights);
        };
    }

    /**
     * The ancestors of systematic resampling for a given uniform, (M).
     *
     * @param weights (N), normalised
     * @param children M, at least 1
     * @param uniform in [0, 1)
     */
    public static int[] systematic(double[] weights, int children, double uniform) {
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
            begin = Math.clamp((int) Math.ceil(children * cumulative - uniform), begin, children);
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
    static int[] inverse(double[] weights, double[] points) {
        var ancestors = new int[points.length];
        int last = lastAlive(weights);
        int particle = 0;
        while (weights[particle] == 0) {
            particle++;
        }
        double cumulative = weights[particle];
        for (int child = 0; child < points.length; child++) {
            while (points[child] >= cumulative && particle < last) {
                cumulative += weights[++particle];
            }
            ancestors[child] = particle;
        }
        return ancestors;
    }

    /**
     * The threshold 1/c at which Σ min(1, c w) = M, for more than M alive: particles above it are kept
     * whole. Expected O(N): a quickselect over the weights.
     */
    static double threshold(double[] weights, int children) {
        /*
         * For a candidate weight κ, with A weights above it and B the sum of those at or below, particles
         * at or below κ have at most one child in expectation iff κ (M - A) <= B. The greatest such κ
         * splits the weights, and then 1/c = B / (M - A).
         */
        var pool = weights.clone();
        int low = 0;
        int high = pool.length;
        int above = 0;
        double below = 0;
        while (low < high) {
            double pivot = pool[(low + high) >>> 1];
            int less = low;
            int at = low;
            int greater = high;
            while (at < greater) {
                double value = pool[at];
                if (value < pivot) {
                    pool[at++] = pool[less];
                    pool[less++] = value;
                } else if (value > pivot) {
                    pool[at] = pool[--greater];
                    pool[greater] = value;
                } else {
                    at++;
                }
            }
            double sum = below;
            for (int place = low; place < greater; place++) {
                sum += pool[place];
            }
            if (pivot * (children - above - (high - greater)) <= sum) {
                below = sum;
                low = greater;
            } else {
                above += high - less;
                high = less;
            }
        }
        return below / (children - above);
    }

    /** Moves the whole parts of MW to {@code counts}, leaves the fractions in {@code weights}; how many were moved. */
    private static int takeWholes(double[] weights, int children, int[] counts) {
        int total = 0;
        for (int particle = 0; particle < weights.length; particle++) {
            /* Rounding must not turn a whole number of children into the next one below and a fraction of almost 1. */
            double expected = children * weights[particle];
            counts[particle] = (int) (expected + ROUNDING);
            weights[particle] = Math.max(0, expected - counts[particle]);
            total += counts[particle];
        }
        return total;
    }

    private static double[] normalise(double[] weights) {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        for (int particle = 0; particle < weights.length; particle++) {
            weights[particle] /= sum;
        }
        return weights;
    }

    /** Each particle as often as it counts. */
    private static int[] repeat(int[] counts, int children) {
        var ancestors = new int[children];
        int child = 0;
        for (int particle = 0; particle < counts.length; particle++) {
            for (int copy = 0; copy < counts[particle]; copy++) {
                ancestors[child++] = particle;
            }
        }
        return ancestors;
    }

    private static int[] permutation(int size, RandomGenerator random) {
        var order = new int[size];
        for (int place = 0; place < size; place++) {
            int other = random.nextInt(place + 1);
            order[place] = order[other];
            order[other] = place;
        }
        return order;
    }

    private static int lastAlive(double[] weights) {
        int last = weights.length - 1;
        while (weights[last] == 0) {
            last--;
        }
        return last;
    }

    /** {@code count} sorted uniforms: partial sums of exponential spacings over their total. */
    static double[] orderedUniforms(int count, RandomGenerator random) {
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
