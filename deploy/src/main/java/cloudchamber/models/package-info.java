/**
 * Models by name: the bundled ones, installed files, models behind servers, simulated ones.
 *
 * <p>May use: {@code client}, {@code console}, {@code engine}, {@code engine.fault}, {@code engine.library},
 * {@code policy}, {@code policy.grpc}, {@code policy.llama}, {@code policy.remote}, {@code policy.simulated},
 * {@code prm}, {@code prm.format}, {@code prm.grpc}, {@code prm.llama}, {@code prm.remote}, {@code prm.simulated},
 * {@code prompt}, {@code protocol.model}, {@code protocol.wire}, {@code worker}, {@code worker.grpc},
 * {@code worker.remote}.
 */
package cloudchamber.models;
