/**
 * What a coordinator asks of a policy worker, and every answer it may get: extend particles by one
 * step each.
 *
 * <p>May use: {@code protocol}, {@code protocol.model}, actor references.
 */
package cloudchamber.protocol.policy;
