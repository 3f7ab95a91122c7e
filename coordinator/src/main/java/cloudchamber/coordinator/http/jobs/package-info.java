/**
 * Jobs and their problems: submitted, shown, cancelled, exported, weighed again.
 *
 * <p>May use: {@code coordinator.access}, {@code coordinator.dispatch}, {@code coordinator.grade},
 * {@code coordinator.http.api}, {@code coordinator.http.transport}, {@code coordinator.job},
 * {@code coordinator.journal}, {@code coordinator.method}, {@code coordinator.method.catalog},
 * {@code coordinator.problem}, {@code protocol.model}, {@code protocol.model.method}.
 */
package cloudchamber.coordinator.http.jobs;
