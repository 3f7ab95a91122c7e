/**
 * Policy workers: a worker shell in front of a {@link cloudchamber.policy.StepGenerator}, the port
 * behind which every policy backend lives.
 *
 * <p>May use: {@code prompt}, {@code protocol.model}, {@code protocol.wire}, {@code worker}. Never: the coordinator.
 */
package cloudchamber.policy;
