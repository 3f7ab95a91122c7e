/**
 * Data sets, and sweeps over them: a grid of jobs over data set, models, method, budget, temperatures and seed.
 *
 * <p>May use: {@code coordinator.grade}, {@code coordinator.job}, {@code coordinator.journal},
 * {@code protocol.model}, {@code protocol.model.method}, {@code protocol.serial}, {@code protocol.wire}.
 */
package cloudchamber.coordinator.sweep;
