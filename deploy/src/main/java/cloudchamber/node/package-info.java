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
 *
 * <p>May use: {@code cli.tls}, {@code client}, {@code console}, {@code coordinator.access},
 * {@code coordinator.dispatch}, {@code coordinator.http}, {@code coordinator.http.transport}, {@code coordinator.job},
 * {@code coordinator.journal}, {@code coordinator.membership}, {@code coordinator.problem}, {@code coordinator.sweep}, {@code models}, {@code policy},
 * {@code prm}, {@code protocol.wire}, {@code worker}.
 */
package cloudchamber.node;
