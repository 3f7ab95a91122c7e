/**
 * Who belongs to a cluster: a small certificate authority, the certificates it gives to nodes, and the mutual TLS
 * of the cluster's ports.
 */
package cloudchamber.cli.tls;
