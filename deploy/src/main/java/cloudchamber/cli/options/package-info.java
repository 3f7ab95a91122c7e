/**
 * Options that several commands have.
 *
 * <p>May use: {@code client}, {@code console}, {@code engine}, {@code engine.library}, {@code models}, {@code node},
 * {@code protocol.model}, {@code protocol.wire}.
 */
package cloudchamber.cli.options;
