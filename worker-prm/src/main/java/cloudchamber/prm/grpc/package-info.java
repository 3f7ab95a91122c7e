/**
 * PRMs in another process or language: dialects for a {@code RewardModel} of the gRPC contract and for the Open
 * Inference Protocol, and the service that offers a PRM of ours.
 *
 * <p>May use: {@code prm}, {@code worker}, {@code protocol}.
 */
package cloudchamber.prm.grpc;
