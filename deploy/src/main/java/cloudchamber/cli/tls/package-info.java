/**
 * Who belongs to a cluster: a small certificate authority, the certificates it gives to nodes, and the mutual TLS
 * of the cluster's ports.
 *
 * <p>May use: none of the other packages.
 */
package cloudchamber.cli.tls;
