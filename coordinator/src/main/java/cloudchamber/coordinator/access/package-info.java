/**
 * Who may use the API and how much: keys with their roles, tenants, and the limits of each tenant.
 *
 * <p>May use: {@code coordinator.job}, {@code coordinator.journal}, {@code protocol.model}.
 */
package cloudchamber.coordinator.access;
