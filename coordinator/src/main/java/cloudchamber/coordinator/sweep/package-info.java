/**
 * Data sets, and sweeps over them: a grid of jobs over data set, models, method, budget, temperatures and seed.
 *
 * <p>May use: {@code job}, {@code problem}, {@code dispatch}, {@code grade}, {@code report}, {@code journal},
 * {@code protocol}. Used by: {@code http}, {@code cli}.
 */
package cloudchamber.coordinator.sweep;
