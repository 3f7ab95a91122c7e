/**
 * What every command shares: exit codes, expected failures, the folders of the program, and output for a terminal.
 */
package cloudchamber.console;
