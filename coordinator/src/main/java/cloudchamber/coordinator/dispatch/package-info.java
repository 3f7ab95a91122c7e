/**
 * Hands out work: which problem is served next, by which worker, and what happens when no answer
 * comes.
 *
 * <pre>
 *   waiting --place--> leased --result--> delivered
 *      ^                 |  |
 *      |   lease ended   |  +--refused for good, or tried too often--> failed
 *      +-----------------+
 *      +--back-off-- refused, worth another try
 * </pre>
 *
 * <p>{@link cloudchamber.coordinator.dispatch.DispatchCore} decides everything and is a plain
 * deterministic machine: time comes in, effects go out. {@link
 * cloudchamber.coordinator.dispatch.Dispatcher} is the actor around it; one runs on every coordinator
 * node.
 *
 * <p>May use: {@code protocol.model}, {@code protocol.wire}. Never: the mathematics of a method, HTTP, SQL.
 */
package cloudchamber.coordinator.dispatch;
