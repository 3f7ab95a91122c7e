/**
 * What the resources share: the actors they ask, the read model, and the documents that several of them show.
 */
package cloudchamber.coordinator.http.api;
