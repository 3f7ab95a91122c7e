/**
 * A policy that runs in this process, on the engine.
 *
 * <p>May use: {@code engine}, {@code policy}, {@code prompt}, {@code protocol.model}, {@code protocol.wire},
 * {@code worker}, {@code worker.remote}.
 */
package cloudchamber.policy.llama;
