package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * How a budget of generations is spent: particles × iterations × chains.
 *
 * @param particles in each pass of each chain, at least 1
 * @param iterations passes of each chain, at least 1
 * @param chains at least 1
 */
public record Allocation(int particles, int iterations, int chains) {
    public Allocation {
        Checks.atLeast(1, particles, "allocation.particles");
        Checks.atLeast(1, iterations, "allocation.iterations");
        Checks.atLeast(1, chains, "allocation.chains");
    }

    /**
     * As many particles as {@code budget} allows; what no whole particle fits into stays unspent.
     *
     * @param minimum how many particles a pass needs
     * @throws IllegalArgumentException if the budget is too small
     */
    public static Allocation split(int budget, int iterations, int chains, int minimum) {
        int passes = Math.multiplyExact(iterations, chains);
        if (budget / passes < minimum) {
            throw new IllegalArgumentException("a budget must be at least " + Math.multiplyExact(passes, minimum)
                    + " generations, " + minimum + " for each of " + passes + " sweeps: was " + budget);
        }
        return new Allocation(budget / passes, iterations, chains);
    }

    /** The budget it takes. */
    public int generations() {
        return Math.multiplyExact(Math.multiplyExact(particles, iterations), chains);
    }
}
