/**
 * The client of a running server: its HTTP API, the files that are sent to it, and the results of a sweep that it writes
 * down.
 */
package cloudchamber.client;
