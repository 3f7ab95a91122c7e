/**
 * PRMs that run in this process, on the engine, and speak by two label tokens. What tells them apart is
 * data: a {@link cloudchamber.prm.llama.Reading}, of a label format or of a published PRM.
 *
 * <p>May use: {@code engine}, {@code prm}, {@code prm.format}, {@code prompt}, {@code protocol.model},
 * {@code protocol.wire}, {@code worker}.
 */
package cloudchamber.prm.llama;
