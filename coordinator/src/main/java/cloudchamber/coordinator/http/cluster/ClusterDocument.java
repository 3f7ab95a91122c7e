package cloudchamber.coordinator.http.cluster;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.protocol.wire.Role;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.pekko.cluster.ClusterEvent;

/**
 * The cluster in JSON, as this node sees it.
 *
 * @param waiting pieces of work that wait on this node, by the model they wait for
 */
record ClusterDocument(List<Member> members, List<Worker> workers, List<Waiting> waiting) {

    /**
     * A node.
     *
     * @param status as the cluster has it: joining, weaklyup, up, leaving, exiting, down
     * @param uid a number of 64 bits, as text
     */
    record Member(String address, List<String> roles, String status, boolean reachable, String uid) {}

    /**
     * A worker, as it described itself when it last renewed its leases.
     *
     * @param free slots it has offered to this node and that are not taken
     * @param leases that this node gave it
     * @param running requests in its backend, of whichever node
     * @param silent whether its renewals have stopped coming
     * @param lastError null if there was none, or a success followed
     * @param lastErrorAt when; null if there is none
     */
    record Worker(
            String workerId,
            Role role,
            String model,
            String sha256,
            String template,
            String numericsClass,
            int contextTokens,
            int slots,
            int free,
            int leases,
            int running,
            long completed,
            long refused,
            Tokens tokens,
            boolean silent,
            boolean draining,
            String lastError,
            String lastErrorAt,
            String node,
            long processId) {}

    /** Since the worker started. */
    record Tokens(long prompt, long cached, long completion) {}

    record Waiting(Role role, String model, int works) {}

    private static final String DATA_CENTER_PREFIX = "dc-";

    static ClusterDocument of(ClusterEvent.CurrentClusterState cluster, Dispatcher.Status dispatch) {
        var unreachable = cluster.getUnreachable();
        return new ClusterDocument(
                StreamSupport.stream(cluster.getMembers().spliterator(), false)
                        .map(member -> member(member, !unreachable.contains(member)))
                        .sorted(Comparator.comparing(Member::address).thenComparing(Member::uid))
                        .toList(),
                workers(dispatch),
                Stream.concat(
                                waiting(Role.POLICY, dispatch.waitingForPolicy()),
                                waiting(Role.PRM, dispatch.waitingForPrm()))
                        .toList());
    }

    static List<Worker> workers(Dispatcher.Status dispatch) {
        return dispatch.workers().stream()
                .map(ClusterDocument::worker)
                .sorted(Comparator.comparing(Worker::role)
                        .thenComparing(Worker::model)
                        .thenComparing(Worker::workerId))
                .toList();
    }

    private static Member member(org.apache.pekko.cluster.Member member, boolean reachable) {
        return new Member(
                member.address().toString(),
                member.getRoles().stream()
                        .filter(role -> !role.startsWith(DATA_CENTER_PREFIX))
                        .sorted()
                        .toList(),
                member.status().toString().toLowerCase(Locale.ROOT),
                reachable,
                Long.toString(member.uniqueAddress().longUid()));
    }

    static Worker worker(Dispatcher.WorkerLine line) {
        var announcement = line.announcement();
        var status = line.status();
        return new Worker(
                announcement.workerId(),
                announcement.role(),
                announcement.model(),
                announcement.sha256(),
                announcement.template(),
                announcement.numericsClass().id(),
                announcement.contextTokens(),
                announcement.slots(),
                line.freeSlots(),
                line.leases(),
                status.running(),
                status.completed(),
                status.refused(),
                new Tokens(status.promptTokens(), status.cachedTokens(), status.completionTokens()),
                line.silent(),
                status.draining(),
                status.lastError().isEmpty() ? null : status.lastError(),
                status.lastError().isEmpty()
                        ? null
                        : Instant.ofEpochMilli(status.lastErrorAtMillis()).toString(),
                announcement.node(),
                announcement.processId());
    }

    private static Stream<Waiting> waiting(Role role, Map<String, Integer> works) {
        return works.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new Waiting(role, entry.getKey(), entry.getValue()));
    }
}
