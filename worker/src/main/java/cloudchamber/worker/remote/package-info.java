/**
 * How a worker talks to a model server on the network, and stays a good client of it: bounded calls, slots
 * that adapt, back-off, a circuit, capped replies.
 *
 * <p>A call runs on a virtual thread of its own and may block; trouble inside the package is a {@link
 * cloudchamber.worker.remote.RemoteTrouble}, which {@link cloudchamber.worker.remote.RemoteCalls} either
 * retries or turns into a refusal. What a server says is data: it is capped, checked, and never logged.
 *
 * <p>May use: {@code prompt}, {@code protocol.model}, {@code worker}.
 */
package cloudchamber.worker.remote;
