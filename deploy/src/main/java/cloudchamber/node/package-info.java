/**
 * The node of a cluster: its actor system, the roles it has, and the processes it starts for its models.
 *
 * <p>May use: {@code cli.tls}, {@code client}, {@code console}, {@code coordinator.access},
 * {@code coordinator.dispatch}, {@code coordinator.http}, {@code coordinator.http.transport}, {@code coordinator.job},
 * {@code coordinator.journal}, {@code coordinator.problem}, {@code coordinator.sweep}, {@code models}, {@code policy},
 * {@code prm}, {@code protocol.wire}, {@code worker}.
 */
package cloudchamber.node;
