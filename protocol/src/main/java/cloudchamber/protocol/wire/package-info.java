/**
 * The messages between the programs of a cluster: how workers and dispatchers find each other, trade slots and keep
 * leases alive, what a coordinator asks of a policy or PRM worker, and every answer it may get. No behaviour.
 *
 * <pre>
 *   worker     --Announce-->      dispatcher     who I am, what I serve
 *   worker     --Offer-->         dispatcher     so many slots, ever (a running total)
 *   dispatcher --Extend, Score--> worker         a lease each, at most as many as were offered
 *   worker     --Extended, Scored-> dispatcher   the results of several leases
 *   dispatcher --PassOn-->        worker         so many offered slots I gave back, ever
 *   dispatcher --WorkAvailable--> worker         offer me slots again
 *   worker     --Renew-->         dispatcher     every 300 ms: leases I hold, and the total offered
 * </pre>
 *
 * <p>Slots are counted by running totals in both directions, so that a repeated, late or overtaken
 * message changes nothing and a lost one is made good by the next.
 *
 * <p>May use: {@code protocol.model}, {@code protocol.serial}.
 */
package cloudchamber.protocol.wire;
