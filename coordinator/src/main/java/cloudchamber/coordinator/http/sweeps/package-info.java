/**
 * Sweeps and data sets: submitted, shown, followed, paused, resumed, cancelled.
 */
package cloudchamber.coordinator.http.sweeps;
