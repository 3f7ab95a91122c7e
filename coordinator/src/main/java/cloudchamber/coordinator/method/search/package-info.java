/**
 * The methods that search or generate whole answers instead of sampling a target: best-of-n, beam search, DVTS, REBASE.
 *
 * <p>May use: the JDK, {@code coordinator.method}, {@code coordinator.smc}, {@code protocol.model},
 * {@code protocol.model.method}.
 */
package cloudchamber.coordinator.method.search;
