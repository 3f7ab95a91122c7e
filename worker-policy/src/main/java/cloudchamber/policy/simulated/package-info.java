/**
 * A policy that speaks a finite language instead of running a model: for the oracle, for load tests
 * and for planning. Never the default.
 *
 * <p>May use: {@code policy}, {@code protocol.model}, {@code protocol.wire}, {@code worker}.
 */
package cloudchamber.policy.simulated;
