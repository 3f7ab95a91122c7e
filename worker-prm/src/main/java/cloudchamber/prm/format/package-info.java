/**
 * How a PRM is shown a prefix, as data: the layouts of published PRMs, and the label formats of PRMs that answer with one
 * of two tokens. Pure functions.
 */
package cloudchamber.prm.format;
