/**
 * Server-sent events of jobs, problems and the whole cluster. A slow reader costs a bounded amount.
 *
 * <p>May use: {@code coordinator.access}, {@code coordinator.dispatch}, {@code coordinator.http.api},
 * {@code coordinator.http.transport}, {@code coordinator.job}, {@code coordinator.method},
 * {@code coordinator.problem}, {@code protocol.model.method}, {@code protocol.serial}, {@code protocol.wire}.
 */
package cloudchamber.coordinator.http.live;
