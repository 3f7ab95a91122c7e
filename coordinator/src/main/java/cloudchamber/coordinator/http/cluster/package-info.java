/**
 * The cluster and its administration: members, workers, storage, keys and sessions, metrics.
 *
 * <p>May use: {@code coordinator.access}, {@code coordinator.dispatch}, {@code coordinator.http.api},
 * {@code coordinator.http.transport}, {@code coordinator.job}, {@code coordinator.journal},
 * {@code coordinator.method}, {@code coordinator.problem}, {@code protocol.model}, {@code protocol.wire}.
 */
package cloudchamber.coordinator.http.cluster;
