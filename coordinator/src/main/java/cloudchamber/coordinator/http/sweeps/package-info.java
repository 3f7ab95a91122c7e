/**
 * Sweeps and data sets: submitted, shown, followed, paused, resumed, cancelled.
 *
 * <p>May use: {@code coordinator.access}, {@code coordinator.grade}, {@code coordinator.http.api},
 * {@code coordinator.http.jobs}, {@code coordinator.http.live}, {@code coordinator.http.transport},
 * {@code coordinator.job}, {@code coordinator.journal}, {@code coordinator.method},
 * {@code coordinator.method.catalog}, {@code coordinator.problem}, {@code coordinator.report},
 * {@code coordinator.sweep}, {@code protocol.model.method}.
 */
package cloudchamber.coordinator.http.sweeps;
