/**
 * Who may use the API and how much: keys with their roles, tenants, and the limits of each tenant.
 */
package cloudchamber.coordinator.access;
