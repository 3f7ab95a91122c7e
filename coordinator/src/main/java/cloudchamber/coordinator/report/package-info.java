/**
 * Statistics of results: intervals, and later tables and plots' data. Pure functions.
 *
 * <p>May use: {@code grade}, {@code protocol.model}. Used by: {@code sweep}, {@code http}, {@code cli}.
 */
package cloudchamber.coordinator.report;
