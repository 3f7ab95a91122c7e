/**
 * The particle filter and the methods made of it: chains of particles that are weighed and resampled. A chain design says
 * how many chains and iterations there are, and which weighing they have.
 *
 * <p>May use: the JDK, {@code coordinator.method}, {@code coordinator.smc}, {@code protocol.model},
 * {@code protocol.model.method}.
 */
package cloudchamber.coordinator.method.chain;
