/**
 * Server-sent events of jobs, problems and the whole cluster. A slow reader costs a bounded amount.
 */
package cloudchamber.coordinator.http.live;
