/**
 * The particle filter and the methods made of it: chains of particles that are weighed and resampled. A chain design says
 * how many chains and iterations there are, and which weighing they have.
 */
package cloudchamber.coordinator.method.chain;
