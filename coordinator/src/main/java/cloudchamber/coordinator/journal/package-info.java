/**
 * What is kept: the marker of everything that is journalled. Each owner defines its own events.
 *
 * <p>May use: {@code protocol.model}. Used by: {@code problem}, {@code job}.
 */
package cloudchamber.coordinator.journal;
