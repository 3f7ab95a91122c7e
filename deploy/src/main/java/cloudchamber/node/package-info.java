/**
 * The node of a cluster: its actor system, the roles it has, and the processes it starts for its models.
 */
package cloudchamber.node;
