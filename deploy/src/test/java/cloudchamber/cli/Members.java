package cloudchamber.cli;

import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.StreamSupport;

/** The workers of a cluster, as one of its coordinators tells of them. */
final class Members {
    private static final int LOOKS = 20;

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

    /** Whether a coordinator has problems under way. */
    static boolean hasGivenLeases(ApiClient coordinator) {
        for (int look = 0; look < LOOKS; look++) {
            if (workers(coordinator).stream()
                    .anyMatch(worker -> worker.path("leases").asInt() > 0)) {
                return true;
            }
        }
        return false;
    }

    /**
     * A worker that was killed.
     *
     * @param leases it held of the coordinator that was asked
     */
    record Halted(long atMillis, long leases) {}

    /**
     * kill -9 of a worker while the coordinator asked has given it leases: it is halted first, so that it
     * cannot answer them any more, and goes on if there are none. Fails if there never are.
     */
    static Halted killHoldingLeases(ApiClient api, Program.Node victim, Duration patience) {
        var halted = new AtomicReference<Halted>();
        await().atMost(patience).pollInterval(Duration.ofMillis(20)).until(() -> {
            long atMillis = System.currentTimeMillis();
            victim.signal("STOP");
            long leases = Math.min(leases(api, victim), leases(api, victim));
            if (leases == 0) {
                victim.signal("CONT");
            }
            halted.set(new Halted(atMillis, leases));
            return leases > 0;
        });
        victim.kill();
        return halted.get();
    }
}
