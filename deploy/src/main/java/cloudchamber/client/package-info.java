/**
 * The client of a running server: its HTTP API, the files that are sent to it, and the results of a sweep that it writes
 * down.
 *
 * <p>May use: {@code console}, {@code coordinator.grade}, {@code coordinator.http.transport},
 * {@code coordinator.method}, {@code coordinator.method.catalog}, {@code coordinator.problem},
 * {@code coordinator.report}, {@code coordinator.sweep}, {@code protocol.model}, {@code protocol.model.method}.
 */
package cloudchamber.client;
