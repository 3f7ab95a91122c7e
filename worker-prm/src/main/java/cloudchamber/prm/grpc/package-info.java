/**
 * PRMs in another process or language: dialects for a {@code RewardModel} of the gRPC contract and for the Open
 * Inference Protocol, and the service that offers a PRM of ours.
 *
 * <p>May use: {@code prm}, {@code prm.remote}, {@code protocol.grpc}, {@code protocol.grpc.inference},
 * {@code protocol.model}, {@code protocol.wire}, {@code worker}, {@code worker.grpc}, {@code worker.remote}.
 */
package cloudchamber.prm.grpc;
