/**
 * The command line: a class for each command.
 *
 * <p>May use: everything.
 */
package cloudchamber.cli;
