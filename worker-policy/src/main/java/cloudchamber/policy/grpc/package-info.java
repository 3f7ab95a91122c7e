/**
 * Policies in another process or language: a backend that calls a {@code PolicyModel} of the gRPC contract, and the
 * service that offers a policy of ours.
 *
 * <p>May use: {@code policy}, {@code worker}, {@code protocol}.
 */
package cloudchamber.policy.grpc;
