package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is killed in the middle of a job goes on where it was, and comes to what it would have come to. */
class RestartTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int PROBLEMS = 24;
    private static final int KILLS = 2;
    private static final String MODEL =
            "simulated:" + Program.REPOSITORY.resolve("deploy/examples/hmm.json") + "?mean-millis=20";

    @TempDir
    private Path directory;

    @Test
    void aKilledServerFinishesItsJobAsIfNothingHadHappened() {
        List<String> undisturbed;
        try (var node = start("undisturbed")) {
            var api = new ApiClient(node.url());
            undisturbed = results(api, submit(api));
        }

        String job = null;
        for (int kill = 0; kill < KILLS; kill++) {
            try (var node = start("killed")) {
                var api = new ApiClient(node.url());
                job = job == null ? submit(api) : job;
                int least = (kill + 1) * PROBLEMS / (KILLS + 2);
                var running = job;
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> succeeded(job(api, running)) >= least);
                assertThat(job(api, job).path("status").asText()).isEqualTo("running");
            }
        }
        try (var node = start("killed")) {
            var api = new ApiClient(node.url());
            assertThat(results(api, job)).isEqualTo(undisturbed);
        }
    }

    private Program.Node start(String data) {
        return Program.Node.start(
                "--http-port", "0", "--data", directory.resolve(data).toString(), "--policy", MODEL, "--prm", MODEL);
    }

    private static String submit(ApiClient api) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> api.get("/readyz").path("status").asText().equals("ready"));
        var job = ApiClient.JSON
                .createObjectNode()
                .put("seed", 7)
                .put("policy", MODEL)
                .put("prm", MODEL)
                .put("grader", "text");
        job.putObject("method").put("id", "particle-filter").put("particles", 32);
        var problems = job.putArray("problems");
        for (int problem = 1; problem <= PROBLEMS; problem++) {
            problems.addObject().put("id", "p" + problem).put("question", "?");
        }
        return api.submit(job);
    }

    private static JsonNode job(ApiClient api, String job) {
        return api.get("/api/v1/jobs/" + job);
    }

    private static int succeeded(JsonNode job) {
        return job.path("counts").path("succeeded").asInt();
    }

    private static List<String> results(ApiClient api, String job) {
        await().atMost(PATIENCE)
                .until(() -> job(api, job).path("status").asText().equals("succeeded"));
        var problems = new ArrayList<String>();
        for (int problem = 1; problem <= PROBLEMS; problem++) {
            problems.add(Invariant.of(api.problem(job, "p" + problem)));
        }
        return problems;
    }
}
