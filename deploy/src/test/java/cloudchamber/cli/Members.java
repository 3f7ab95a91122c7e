package cloudchamber.cli;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** The workers of a cluster, as one of its coordinators tells of them. */
final class Members {
    private Members() {}

    static List<JsonNode> workers(ApiClient api) {
        return StreamSupport.stream(api.cluster().path("workers").spliterator(), false)
                .toList();
    }

    /** Steps and scores done since the start, by process id. */
    static Map<Long, Long> completed(ApiClient api) {
        var completed = new HashMap<Long, Long>();
        workers(api)
                .forEach(worker -> completed.merge(
                        worker.path("processId").asLong(),
                        worker.path("completed").asLong(),
                        Long::sum));
        return completed;
    }

    private static long leases(ApiClient api, Program.Node node) {
        return workers(api).stream()
                .filter(worker -> worker.path("processId").asLong() == node.processId())
                .mapToLong(worker -> worker.path("leases").asLong())
                .sum();
    }

    /**
     * kill -9 of a worker while the coordinator asked has given it leases: it is halted first, so that it
     * cannot answer them any more, and goes on if there are none. Fails if there never are.
     */
    static void killHoldingLeases(ApiClient api, Program.Node victim, Duration patience) {
        await().atMost(patience).pollInterval(Duration.ofMillis(20)).until(() -> {
            victim.signal("STOP");
            boolean holds = leases(api, victim) > 0 && leases(api, victim) > 0;
            if (!holds) {
                victim.signal("CONT");
            }
            return holds;
        });
        victim.kill();
    }
}
