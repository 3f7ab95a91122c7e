/**
 * Policies in another process or language: a backend that calls a {@code PolicyModel} of the gRPC contract, and the
 * service that offers a policy of ours.
 *
 * <p>May use: {@code policy}, {@code protocol.grpc}, {@code protocol.model}, {@code protocol.wire}, {@code worker},
 * {@code worker.grpc}, {@code worker.remote}.
 */
package cloudchamber.policy.grpc;
