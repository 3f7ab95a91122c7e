/**
 * PRMs that run in this process, on the engine, and speak by two label tokens. What tells them apart is
 * data: a {@link cloudchamber.prm.llama.LabelFormat}.
 *
 * <p>May use: {@code prm}, {@code worker}, {@code engine}, {@code protocol.model}, {@code protocol.prm}.
 */
package cloudchamber.prm.llama;
