/**
 * A PRM that knows the rewards of a finite language: for the oracle, for load tests and for planning.
 * Never the default.
 *
 * <p>May use: {@code prm}, {@code protocol.model}, {@code protocol.wire}, {@code worker}.
 */
package cloudchamber.prm.simulated;
