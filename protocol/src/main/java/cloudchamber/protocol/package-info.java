/**
 * What the programs of a cluster say to each other: the marker of everything that crosses a wire,
 * the roles, and the key under which dispatchers are found. No behaviour.
 *
 * <p>May use: {@code protocol.model}, Pekko's actor references. Used by everything but the engine and
 * the pure packages.
 */
package cloudchamber.protocol;
