/**
 * Sequential Monte Carlo on log-weights: immutable values and pure functions, nothing else.
 *
 * <pre>
 *   increments (N) --plus--> LogWeights (N) --effectiveSampleSize--> resample?
 *                               |                                       | yes
 *                               +----------> Resampler --> Offspring: ancestors (M), log-weights (M)
 * </pre>
 *
 * <p>Notation follows Chopin and Papaspiliopoulos, <i>An Introduction to Sequential Monte Carlo</i>
 * (Springer, 2020): N particles, W normalised weights, A ancestor indices, Ẑ the evidence estimate.
 *
 * <p>May use: the JDK. Never: Pekko, I/O, clocks, logging, or a random source that was not passed in.
 */
package cloudchamber.coordinator.smc;
