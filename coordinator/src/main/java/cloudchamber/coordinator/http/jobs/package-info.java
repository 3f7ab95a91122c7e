/**
 * Jobs and their problems: submitted, shown, cancelled, exported, weighed again.
 */
package cloudchamber.coordinator.http.jobs;
