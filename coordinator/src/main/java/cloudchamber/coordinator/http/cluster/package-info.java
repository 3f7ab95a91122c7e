/**
 * The cluster and its administration: members, workers, storage, keys and sessions, metrics.
 */
package cloudchamber.coordinator.http.cluster;
