/**
 * Options that several commands have.
 */
package cloudchamber.cli.options;
