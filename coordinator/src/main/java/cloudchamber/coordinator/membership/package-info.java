/**
 * Who may form a cluster, and which side of a network partition survives: pure rules over the rows that
 * coordinators share in their database. {@code ARCHITECTURE.md} tells them in half a page.
 *
 * <pre>
 *   Register           the rows at one moment of the database's clock, and every change that may be made of them
 *   MembershipMachine  a coordinator: join, found, form, wait or go down
 *   WorkerMachine      a worker: join or go down; it never forms a cluster
 * </pre>
 *
 * <p>May use: the JDK.
 */
package cloudchamber.coordinator.membership;
