/**
 * The gRPC worker contract, as far as policies and PRMs share it: the client's channel, the server with health and
 * reflection, and the translation of messages to values. The {@code .proto} files lie in {@code protocol}.
 *
 * <p>May use: {@code protocol.grpc}, {@code protocol.model}, {@code worker}, {@code worker.remote}.
 */
package cloudchamber.worker.grpc;
