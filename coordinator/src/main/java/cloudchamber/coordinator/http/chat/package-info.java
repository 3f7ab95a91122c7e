/**
 * The API of OpenAI's clients: models and chat completions, each of them a search.
 *
 * <p>May use: {@code coordinator.access}, {@code coordinator.dispatch}, {@code coordinator.grade},
 * {@code coordinator.http.api}, {@code coordinator.http.jobs}, {@code coordinator.http.live},
 * {@code coordinator.http.transport}, {@code coordinator.job}, {@code coordinator.method},
 * {@code coordinator.method.catalog}, {@code coordinator.problem}, {@code protocol.model},
 * {@code protocol.model.method}, {@code protocol.wire}.
 */
package cloudchamber.coordinator.http.chat;
