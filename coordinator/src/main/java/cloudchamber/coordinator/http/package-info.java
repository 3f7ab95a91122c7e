/**
 * The HTTP server: the native API under {@code /api/v1}, the API of OpenAI's clients, the dashboard's files and the two
 * probes. It puts the routes of the packages below together.
 *
 * <pre>
 *   HttpServer --routes of--> jobs, sweeps, chat, cluster, live
 *                                |       |      |            |
 *                                +---- documents, actors: api -----> transport: router, guard, bodies, replies
 * </pre>
 *
 * <p>May use: {@code coordinator.access}, {@code coordinator.dashboard}, {@code coordinator.dispatch},
 * {@code coordinator.http.api}, {@code coordinator.http.chat}, {@code coordinator.http.cluster},
 * {@code coordinator.http.jobs}, {@code coordinator.http.live}, {@code coordinator.http.sweeps},
 * {@code coordinator.http.transport}.
 */
package cloudchamber.coordinator.http;
