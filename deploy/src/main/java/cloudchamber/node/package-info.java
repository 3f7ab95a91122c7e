/**
 * The node of a cluster: its actor system, the roles it has, and the processes it starts for its models; how it becomes
 * a member, and which side of a network partition it is on. The rules of membership are in
 * {@code coordinator.membership}; here they meet Pekko's cluster and the database.
 *
 * <pre>
 *   CoordinatorMembership --change--> MembershipStore (the shared database)
 *   WorkerMembership ------JoinSeedNodes--> coordinators
 *   split-brain resolver --> SurvivorLease --> LeaseAuthority: the database, or a coordinator on this side
 * </pre>
 */
package cloudchamber.node;
