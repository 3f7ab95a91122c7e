/**
 * How a PRM is shown a prefix, as data: the layouts of published PRMs, and the label formats of PRMs that answer with one
 * of two tokens. Pure functions.
 *
 * <p>May use: {@code prompt}, {@code protocol.model}.
 */
package cloudchamber.prm.format;
