/**
 * What workers and coordinators say about which side of a network partition survives. A worker has no database, so it
 * asks a coordinator on its side.
 *
 * <p>May use: {@code protocol}. Used by: the program's {@code node}.
 */
package cloudchamber.protocol.membership;
