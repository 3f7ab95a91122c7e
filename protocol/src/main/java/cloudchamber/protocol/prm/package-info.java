/**
 * What a coordinator asks of a PRM worker, and every answer it may get: score prefixes.
 *
 * <p>May use: {@code protocol}, {@code protocol.model}, actor references.
 */
package cloudchamber.protocol.prm;
