/**
 * The web page that shows what the cluster does: static files, kept as resources beside this package. Live
 * data comes to the browser through the HTTP API.
 *
 * <p>May use: the JDK. Never: actors, jobs, SQL.
 */
package cloudchamber.coordinator.dashboard;
