/**
 * Jobs: a set of problems with one method, one policy, one PRM and one seed; what a client submits.
 *
 * <pre>
 *   unknown --Submit--> active --every problem over--> over (succeeded, failed, cancelled)
 * </pre>
 *
 * <p>A job starts its problems in order, a bounded number at a time, and counts how they end.
 *
 * <p>May use: {@code problem}, {@code grade}, {@code dispatch}, {@code journal}, {@code method}, {@code
 * protocol}. Used by: {@code http}.
 */
package cloudchamber.coordinator.job;
