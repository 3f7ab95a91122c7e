/**
 * Policies behind a model server of someone else's making. One {@link
 * cloudchamber.policy.remote.PolicyDialect} for each kind of server says how it is asked for a step and how
 * its answer is read; {@link cloudchamber.policy.remote.RemotePolicy} is the same for all.
 *
 * <p>May use: {@code policy}, {@code prompt}, {@code protocol.grpc.vllm}, {@code protocol.model},
 * {@code protocol.wire}, {@code worker}, {@code worker.grpc}, {@code worker.remote}.
 */
package cloudchamber.policy.remote;
