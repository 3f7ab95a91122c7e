/**
 * Jobs: a set of problems with one method, one policy, one PRM and one seed; what a client submits.
 *
 * <pre>
 *   unknown --Submit--> active --every problem over--> over (succeeded, failed, cancelled)
 * </pre>
 *
 * <p>A job starts its problems in order, a bounded number at a time, and counts how they end.
 *
 * <p>May use: {@code coordinator.journal}, {@code coordinator.problem}, {@code protocol.model},
 * {@code protocol.model.method}, {@code protocol.serial}, {@code protocol.wire}.
 */
package cloudchamber.coordinator.job;
