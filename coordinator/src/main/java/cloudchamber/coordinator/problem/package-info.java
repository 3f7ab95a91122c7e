/**
 * One problem: the event-sourced shell around a method's run.
 *
 * <pre>
 *   unknown --Start--> running --RoundClosed … RoundClosed--> ended (succeeded, failed, cancelled)
 * </pre>
 *
 * <p>The shell turns dispatch results into inputs of the method and the method's plans into work; what
 * is decided is decided by the method. One event a round is the checkpoint: an open round is redone
 * after a crash, with the same seeds.
 *
 * <p>May use: {@code coordinator.dispatch}, {@code coordinator.grade}, {@code coordinator.journal},
 * {@code coordinator.method}, {@code coordinator.method.catalog}, {@code coordinator.smc}, {@code protocol.model},
 * {@code protocol.model.method}, {@code protocol.serial}, {@code protocol.wire}.
 */
package cloudchamber.coordinator.problem;
