/**
 * The values that cross the wire: steps, scores, sampling, method settings, keys and the random
 * numbers they name. Records that check themselves; lists are copied.
 *
 * <p>May use: the JDK. Never: Pekko, Jackson, I/O, clocks, logging, or a random source that was not passed in.
 */
package cloudchamber.protocol.model;
