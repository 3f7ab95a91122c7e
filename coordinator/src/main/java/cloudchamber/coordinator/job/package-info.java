/**
 * Jobs: a set of problems with one method, one policy, one PRM and one seed; what a client submits.
 *
 * <pre>
 *   unknown --Submit--> active --every problem over--> over (succeeded, failed, cancelled)
 * </pre>
 *
 * <p>A job starts its problems in order, a bounded number at a time, and counts how they end. {@code JobMachine}
 * decides, the actor {@code Job} carries out. Each running problem holds a place of its coordinator; {@code FairShares}
 * decides who gets the next one, {@code Admission} carries out. A job states the whole account of its places with every
 * claim, so no message that is lost, doubled or late leaks a place or gives one twice for long.
 *
 * <p>May use: {@code coordinator.dispatch}, {@code coordinator.grade}, {@code coordinator.journal},
 * {@code coordinator.problem}, {@code protocol.model}, {@code protocol.model.method}, {@code protocol.serial},
 * {@code protocol.wire}.
 */
package cloudchamber.coordinator.job;
