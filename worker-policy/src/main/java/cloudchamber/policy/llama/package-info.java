/**
 * A policy that runs in this process, on the engine.
 *
 * <p>May use: {@code policy}, {@code worker}, {@code engine}, {@code protocol.model}, {@code
 * protocol.policy}.
 */
package cloudchamber.policy.llama;
