/**
 * PRM workers: a worker shell in front of a {@link cloudchamber.prm.StepScorer}, the port behind which
 * every process reward model lives.
 *
 * <p>May use: {@code worker}, {@code engine}, {@code protocol}. Never: the coordinator, a policy.
 */
package cloudchamber.prm;
