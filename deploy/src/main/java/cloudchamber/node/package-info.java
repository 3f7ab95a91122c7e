/**
 * A node of a cluster: how it becomes a member, and which side of a network partition it is on. The rules are in
 * {@code coordinator.membership}; here they meet Pekko's cluster and the database.
 *
 * <pre>
 *   CoordinatorMembership --change--> MembershipStore (the shared database)
 *   WorkerMembership ------JoinSeedNodes--> coordinators
 *   split-brain resolver --> SurvivorLease --> LeaseAuthority: the database, or a coordinator on this side
 * </pre>
 */
package cloudchamber.node;
