/**
 * Every method by its settings: which run it starts, which runs of a grid share their generations, and a finished run
 * under another law.
 *
 * <p>May use: the JDK, {@code coordinator.method}, {@code coordinator.method.chain},
 * {@code coordinator.method.search}, {@code coordinator.smc}, {@code protocol.model}, {@code protocol.model.method}.
 */
package cloudchamber.coordinator.method.catalog;
