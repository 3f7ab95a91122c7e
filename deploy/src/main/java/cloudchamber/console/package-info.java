/**
 * What every command shares: exit codes, expected failures, the folders of the program, and output for a terminal.
 *
 * <p>May use: none of the other packages.
 */
package cloudchamber.console;
