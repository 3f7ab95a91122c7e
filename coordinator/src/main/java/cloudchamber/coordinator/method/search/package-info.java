/**
 * The methods that search or generate whole answers instead of sampling a target: best-of-n, beam search, DVTS, REBASE.
 */
package cloudchamber.coordinator.method.search;
