/**
 * What the resources share: the actors they ask, the read model, and the documents that several of them show.
 *
 * <p>May use: {@code coordinator.access}, {@code coordinator.dispatch}, {@code coordinator.http.transport},
 * {@code coordinator.job}, {@code coordinator.journal}, {@code coordinator.problem}, {@code coordinator.sweep},
 * {@code protocol.model}, {@code protocol.model.method}, {@code protocol.wire}.
 */
package cloudchamber.coordinator.http.api;
