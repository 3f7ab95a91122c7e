package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Real JVMs on loopback: the result does not depend on who does the work, nor on who dies. */
class ProcessesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String QUESTION = "Evaluate 17 + 26 - 9 + 31 - 8.";

    @Test
    void oneProcessAndThreeGiveTheSameBytes() {
        var alone = Program.run("solve", QUESTION, "--json", "--seed", "7");
        assertThat(alone.exitCode()).as(alone.err()).isZero();

        try (var coordinator = Program.Node.start("--role", "coordinator", "--http-port", "0");
                var policy = Program.Node.start("--role", "policy", "--join", coordinator.address());
                var prm = Program.Node.start("--role", "prm", "--join", coordinator.address())) {
            var together = Program.run("solve", QUESTION, "--json", "--seed", "7", "--url", coordinator.url());

            assertThat(policy.processId()).isNotEqualTo(prm.processId());
            assertThat(together.exitCode()).as(together.err()).isZero();
            assertThat(Invariant.of(together.json())).isEqualTo(Invariant.of(alone.json()));
        }
    }

    /** A policy worker dies holding leases: its steps are drawn again elsewhere, with the same seeds. */
    @Test
    void aKilledWorkerChangesNothing() {
        try (var coordinator = Program.Node.start("--role", "coordinator", "--http-port", "0");
                var prm = Program.Node.start("--role", "prm", "--join", coordinator.address());
                var survivor = Program.Node.start("--role", "policy", "--join", coordinator.address());
                var victim = Program.Node.start("--role", "policy", "--join", coordinator.address())) {
            var api = new ApiClient(coordinator.url());
            await().atMost(PATIENCE).until(() -> workers(api).size() == 3);
            var undisturbed = finished(api, submit(api));
            var before = workers(api);
            assertThat(served(before, victim)).isGreaterThanOrEqualTo(tenth(before));
            assertThat(served(before, survivor)).isGreaterThanOrEqualTo(tenth(before));

            var job = submit(api);
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> leases(workers(api), victim) > 0);
            victim.kill();
            var disturbed = finished(api, job);

            assertThat(disturbed).isEqualTo(undisturbed);
            assertThat(prm.processId()).isPositive();
        }
    }

    /** Each engine has a process; one that dies comes back, and none outlives the node it belongs to. */
    @Test
    void anEngineThatDiesComesBackAndNoneIsLeftBehind() {
        var node = Program.Node.start("--http-port", "0");
        try {
            var api = new ApiClient(node.url());
            await().atMost(PATIENCE).until(() -> processes(api).size() == 2);
            var first = processes(api);
            assertThat(first).doesNotContain(node.processId());

            ProcessHandle.of(first.getFirst()).orElseThrow().destroyForcibly();
            await().atMost(PATIENCE)
                    .until(() -> processes(api).size() == 2 && !processes(api).contains(first.getFirst()));
            assertThat(finished(api, submit(api))).hasSize(8);

            var last = processes(api);
            node.kill();
            await().atMost(PATIENCE)
                    .until(() -> last.stream()
                            .noneMatch(process -> ProcessHandle.of(process)
                                    .map(ProcessHandle::isAlive)
                                    .orElse(false)));
        } finally {
            node.close();
        }
    }

    private static List<Long> processes(ApiClient api) {
        return workers(api).stream()
                .map(worker -> worker.path("processId").asLong())
                .sorted()
                .toList();
    }

    private static String submit(ApiClient api) {
        var job = ApiClient.JSON.createObjectNode().put("seed", 7);
        job.putObject("method").put("id", "particle-filter").put("particles", 64);
        var problems = job.putArray("problems");
        for (int problem = 1; problem <= 8; problem++) {
            problems.addObject().put("id", "p" + problem).put("question", QUESTION);
        }
        return api.submit(job);
    }

    private static List<String> finished(ApiClient api, String job) {
        await().atMost(Duration.ofMinutes(3))
                .until(() ->
                        api.get("/api/v1/jobs/" + job).path("status").asText().equals("succeeded"));
        var problems = new ArrayList<String>();
        for (int problem = 1; problem <= 8; problem++) {
            problems.add(Invariant.of(api.problem(job, "p" + problem)));
        }
        return problems;
    }

    private static List<JsonNode> workers(ApiClient api) {
        return StreamSupport.stream(api.cluster().path("workers").spliterator(), false)
                .toList();
    }

    private static long served(List<JsonNode> workers, Program.Node node) {
        return sum(workers, node, "completed");
    }

    private static long leases(List<JsonNode> workers, Program.Node node) {
        return sum(workers, node, "leases");
    }

    private static long sum(List<JsonNode> workers, Program.Node node, String field) {
        return workers.stream()
                .filter(worker -> worker.path("processId").asLong() == node.processId())
                .mapToLong(worker -> worker.path(field).asLong())
                .sum();
    }

    private static long tenth(List<JsonNode> workers) {
        return workers.stream()
                        .filter(worker -> worker.path("role").asText().equals("policy"))
                        .mapToLong(worker -> worker.path("completed").asLong())
                        .sum()
                / 10;
    }
}
