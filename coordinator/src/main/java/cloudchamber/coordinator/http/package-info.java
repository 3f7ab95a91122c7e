/**
 * The HTTP server: the native API under {@code /api/v1}, the API of OpenAI's clients, the dashboard's files and the two
 * probes. It puts the routes of the packages below together.
 *
 * <pre>
 *   HttpServer --routes of--> jobs, sweeps, chat, cluster, live
 *                                |       |      |            |
 *                                +---- documents, actors: api -----> transport: router, guard, bodies, replies
 * </pre>
 */
package cloudchamber.coordinator.http;
