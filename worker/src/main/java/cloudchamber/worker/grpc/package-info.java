/**
 * The gRPC worker contract, as far as policies and PRMs share it: the client's channel, the server with health and
 * reflection, and the translation of messages to values. The {@code .proto} files lie in {@code protocol}.
 *
 * <p>May use: {@code worker}, {@code protocol.model}, {@code protocol.grpc}.
 */
package cloudchamber.worker.grpc;
