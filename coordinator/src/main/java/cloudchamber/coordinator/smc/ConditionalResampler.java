package cloudchamber.coordinator.smc;

import java.util.random.RandomGenerator;

/**
 * A resampling scheme given that one particle survives: N particles have N children, and the last child
 * is one of the last particle, the reference.
 */
@FunctionalInterface
public interface ConditionalResampler {
    /*
     * [1] Andrieu, Doucet and Holenstein, "Particle Markov Chain Monte Carlo Methods", JRSS B 72 (2010):
     *     the conditional law is needed; a plain scheme with one slot overwritten does not leave the
     *     target invariant.
     * [2] Chopin and Singh, "On Particle Gibbs Sampling", Bernoulli 21 (2015), algorithm 4: systematic.
     */

    /**
     * Draws as many children as there are particles.
     *
     * @param weights (N), the last one the reference's and not dead
     */
    Offspring resample(LogWeights weights, RandomGenerator random);

    /** The other children are independent draws [1]. */
    static ConditionalResampler multinomial() {
        return (weights, random) -> {
            int last = weights.size() - 1;
            var ancestors = new int[weights.size()];
            var others = Resamplers.inverse(weights.normalised(), Resamplers.orderedUniforms(last, random));
            System.arraycopy(others, 0, ancestors, 0, last);
            ancestors[last] = last;
            return Offspring.equal(ancestors);
        };
    }

    /** The law of systematic resampling, its children rotated at random, given the last child's parent [2]. */
    static ConditionalResampler systematic() {
        return (weights, random) -> {
            /*
             * With the reference first, it has m or m + 1 children, m + 1 when the uniform is below the
             * fraction r of NW. Given that a slot drawn at random holds one of them, the uniform's density
             * is in proportion to how many there are.
             */
            int size = weights.size();
            var shares = weights.normalised();
            var rotated = new double[size];
            rotated[0] = shares[size - 1];
            System.arraycopy(shares, 0, rotated, 1, size - 1);
            double expected = size * rotated[0];
            double whole = Math.floor(expected);
            double fraction = expected - whole;
            double uniform = random.nextDouble() * expected < fraction * (whole + 1)
                    ? random.nextDouble() * fraction
                    : fraction + random.nextDouble() * (1 - fraction);
            var places = Resamplers.systematic(rotated, size, uniform);
            int copies = 0;
            while (copies < size && places[copies] == 0) {
                copies++;
            }
            int first = random.nextInt(Math.max(1, copies));
            var ancestors = new int[size];
            for (int slot = 0; slot < size; slot++) {
                int place = places[(first + 1 + slot) % size];
                ancestors[slot] = place == 0 ? size - 1 : place - 1;
            }
            ancestors[size - 1] = size - 1;
            return Offspring.equal(ancestors);
        };
    }
}
