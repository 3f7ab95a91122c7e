package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.Client.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a job may be given is done, and what it is said to stand like is so. */
class JobDocumentTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static TestNode node;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        node = new TestNode("document");
        client = new Client(node.serve(node.settings(PATIENCE), node.dispatcher()));
        await().atMost(PATIENCE).until(() -> client.get("/readyz").statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        client.close();
        node.close();
    }

    @Test
    void aProblemWhoseTokensAreSpentEndsWithWhatItHas() throws Exception {
        var id = client.submit("""
                {"problems":[{"question":"Evaluate 3 + 4."}],"method":{"particles":4},"budget":{"tokens":1}}""");
        client.awaitStatus(id, "succeeded");

        var problem = problem(id);
        assertThat(problem.get("stopped").toString()).containsIgnoringCase("token");
        assertThat(problem.get("rounds")).hasSize(1);
        assertThat(problem.get("logEvidence").isNull()).isTrue();
    }

    @Test
    void aProblemWhoseTimeIsOverEnds() throws Exception {
        var id = client.submit("""
                {"problems":[{"question":"Think for ever."}],"method":{"particles":4},"budget":{"seconds":0.05}}""");

        var over = await().atMost(PATIENCE)
                .until(
                        () -> json(client.get("/api/v1/jobs/" + id)),
                        job -> !job.get("endedAt").isNull());
        assertThat(over.get("progress").doubleValue()).isOne();
        assertThat(problem(id).toString()).containsIgnoringCase("deadline");
    }

    @Test
    void aSystemPromptExamplesLabelsAndAPriorityGoWithTheJob() throws Exception {
        var id = client.submit("""
                {"problems":[{"question":"Evaluate 3 + 4."}],"method":{"id":"greedy"},"systemPrompt":"Use a box.",
                 "examples":[{"question":"Evaluate 1 + 1.","answer":"\\\\boxed{2}"}],"labels":{"team":"day"},"priority":2}""");
        client.awaitStatus(id, "succeeded");

        var lines = client.get("/api/v1/jobs/" + id + "/export").body().lines().toList();
        assertThat(lines.getFirst()).contains("\"priority\":2.0");
        assertThat(lines.get(1)).contains("Use a box.", "Evaluate 1 + 1.", "\\\\boxed{2}", "Evaluate 3 + 4.");
        var listed = json(client.get("/api/v1/jobs?label=team:day")).get("jobs");
        assertThat(listed).hasSize(1);
        assertThat(listed.get(0).get("id").textValue()).isEqualTo(id);
        assertThat(json(client.get("/api/v1/jobs?label=team:none")).get("jobs")).isEmpty();
    }

    @Test
    void aJobSaysHowFarItIsAndHowLongItWillTake() throws Exception {
        var id = client.submit("""
                {"problems":[{"question":"Answer when told."},{"question":"Think for ever."}],"method":{"id":"greedy"}}""");
        var path = "/api/v1/jobs/" + id;
        var before = client.awaitStatus(id, "running");
        assertThat(before.get("etaSeconds").isNull()).isTrue();
        assertThat(before.get("progress").doubleValue()).isZero();
        assertThat(before.get("waitingFor")).isEmpty();

        var half = await().atMost(PATIENCE)
                .until(
                        () -> {
                            ScriptedDispatcher.release(1);
                            return json(client.get(path));
                        },
                        job -> job.get("progress").doubleValue() == .5);
        assertThat(half.get("etaSeconds").isIntegralNumber()).isTrue();
        client.post(path + "/cancel", "");
        assertThat(json(client.get(path)).get("etaSeconds").intValue()).isZero();
    }

    private static JsonNode problem(String job) throws Exception {
        return json(client.get("/api/v1/jobs/" + job + "/problems/p1"));
    }
}
