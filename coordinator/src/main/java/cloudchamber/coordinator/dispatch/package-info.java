/**
 * Hands out work: which problem is served next, by which worker, and what happens when no answer
 * comes.
 *
 * <pre>
 *   waiting --place--> leased --result--> delivered
 *      ^                 |  |
 *      |   lease lost    |  +--cannot be done, or too many replies that cannot be used--> failed
 *      +-----------------+  |                                                              ^
 *      +--back-off-- refused, worth another try --patience is over-------------------------+
 * </pre>
 *
 * <p>{@link cloudchamber.coordinator.dispatch.DispatchCore} is a plain deterministic machine: time comes in,
 * effects go out. Its parts decide: {@code SlotAccounts} how many slots are free, {@code FairQueues} whose turn it
 * is, {@code Placing} which worker gets a piece, {@code Leases} how long it may hold it, {@code Health} which workers
 * may get work, {@code Retries} and {@code Patience} what is tried again and for how long. {@link
 * cloudchamber.coordinator.dispatch.Dispatcher} is the actor around it; one runs on every coordinator node.
 *
 * <p>May use: {@code protocol.model}, {@code protocol.wire}. Never: the mathematics of a method, HTTP, SQL.
 */
package cloudchamber.coordinator.dispatch;
