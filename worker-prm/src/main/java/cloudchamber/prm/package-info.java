/**
 * PRM workers: a worker shell in front of a {@link cloudchamber.prm.StepScorer}, the port behind which
 * every process reward model lives.
 *
 * <p>May use: {@code protocol.model}, {@code protocol.wire}, {@code worker}. Never: the coordinator, a policy.
 */
package cloudchamber.prm;
