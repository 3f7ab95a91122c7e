/**
 * The shell of every worker: offers slots to dispatchers in rotation, keeps leases alive, runs
 * requests in a backend, sends results back in batches, drains.
 *
 * <p>{@link cloudchamber.worker.WorkerCore} decides everything and is plain code, {@link
 * cloudchamber.worker.SlotLedger} the part that says who is offered what; {@link
 * cloudchamber.worker.Worker} is the actor around it and a {@link cloudchamber.worker.Backend}.
 *
 * <p>May use: {@code protocol.model}, {@code protocol.wire}.
 */
package cloudchamber.worker;
