package cloudchamber.coordinator.smc;

import java.util.random.RandomGenerator;

/**
 * A resampling scheme: replaces N weighted particles by M children such that, on average, the children's
 * weight of each particle is its own (unbiasedness).
 */
@FunctionalInterface
public interface Resampler {
    /**
     * Draws {@code children} children. Takes O(N + M) time.
     *
     * @param weights (N); not all dead. A dead particle never has a child
     * @param children M, at least 1
     * @param random the only source of chance
     * @throws IllegalStateException if all particles are dead
     */
    Offspring resample(LogWeights weights, int children, RandomGenerator random);
}
