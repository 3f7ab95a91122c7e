/**
 * The command line, and the node it starts: wires the modules together.
 *
 * <p>May use: everything. Nobody uses it.
 */
package cloudchamber.cli;
