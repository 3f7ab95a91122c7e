package cloudchamber.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What finished runs left: weighed again, and written out. */
class RecordsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static TestNode node;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        node = new TestNode("records");
        ServerBinding server = node.serve(node.settings(Duration.ofSeconds(20)), node.dispatcher());
        client = new Client(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        node.close();
    }

    private static String finished(String method) throws Exception {
        var id = client.submit("""
                {"problems":[{"id":"a/b","question":"Evaluate 3 + 4."}],"method":%s,"seed":7}""".formatted(method));
        client.awaitStatus(id, "succeeded");
        return id;
    }

    private static JsonNode replay(String job, String query) throws Exception {
        var reply = client.get("/api/v1/jobs/" + job + "/problems/a%2Fb/replay?" + query);
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        return Client.json(reply);
    }

    @Test
    void theRecordedLawGivesTheRecordedAnswer() throws Exception {
        var id = finished("{\"particles\":8}");
        var recorded = Client.json(client.get("/api/v1/jobs/" + id + "/problems/a%2Fb"));

        var same = replay(id, "");

        assertThat(same.at("/law/target").textValue()).isEqualTo("final");
        assertThat(same.get("answer")).isEqualTo(recorded.get("answer"));
        assertThat(same.get("recordedAnswer")).isEqualTo(recorded.get("answer"));
        assertThat(same.get("particles").intValue()).isEqualTo(8);
        assertThat(same.get("ess").doubleValue()).isBetween(1.0, 8 + 1e-9);
        assertThat(same.get("logEvidence").doubleValue())
                .isCloseTo(recorded.get("logEvidence").doubleValue(), within(1e-9));
        assertThat(same.get("refused").isNull()).isTrue();
    }

    @Test
    void anotherLawWeighsTheParticlesAnew() throws Exception {
        var id = finished("{\"particles\":8}");

        var product = replay(id, "target=product&aggregation=last&selection=argmax");
        var flat = replay(id, "temperature=1000000");

        assertThat(product.at("/law/selection").textValue()).isEqualTo("argmax");
        assertThat(product.get("logEvidence")).isNotEqualTo(replay(id, "").get("logEvidence"));
        double total = 0;
        for (var weight : flat.get("posterior")) {
            total += weight.get("weight").doubleValue();
        }
        assertThat(total).isCloseTo(1, within(1e-9));
    }

    @Test
    void whatSamplesNoLawIsRefusedAndWhatIsNoLawToo() throws Exception {
        var paper = finished("{\"particles\":8,\"target\":\"paper\"}");

        assertThat(replay(paper, "target=final").get("refused").textValue()).contains("paper");
        assertThat(replay(finished("{\"particles\":4}"), "target=its-hub")
                        .get("refused")
                        .textValue())
                .contains("final, product or final-log");
        var path = "/api/v1/jobs/" + paper + "/problems/a%2Fb/replay?";
        for (var query : List.of("target=best", "temperature=-1", "temperature=x", "target=product&aggregation=min")) {
            var reply = client.get(path + query);
            assertThat(reply.statusCode()).as(query).isEqualTo(400);
            assertThat(Client.json(reply).get("code").textValue()).isEqualTo("unknown-value");
        }
    }

    @Test
    void everyStepScoreParticleAncestorAndSeedIsExported() throws Exception {
        var id = finished("{\"particles\":8}");

        var reply = client.get("/api/v1/jobs/" + id + "/export");

        assertThat(reply.headers().firstValue("Content-Type")).contains("application/x-ndjson");
        var lines = new ArrayList<JsonNode>();
        for (var line : reply.body().split("\n")) {
            lines.add(JSON.readTree(line));
        }
        assertThat(lines.stream().map(line -> line.get("kind").textValue()).distinct())
                .containsExactly("job", "problem", "step", "population", "outcome");
        assertThat(lines.getFirst().at("/specification/seed").longValue()).isEqualTo(7);
        assertThat(lines.get(1).get("answer").textValue()).isEqualTo("7");
        assertThat(lines.get(1).at("/prompt/0/content").textValue()).isEqualTo("Evaluate 3 + 4.");
        var steps = of("step", lines);
        assertThat(steps).hasSize(16).allSatisfy(step -> {
            assertThat(step.get("text").textValue()).isNotEmpty();
            assertThat(step.get("logOdds")).hasSize(1);
            assertThat(step.get("seed").longValue())
                    .isEqualTo(RandomStreams.of(7, "a/b")
                            .seed(
                                    step.get("chain").intValue(),
                                    step.get("iteration").intValue(),
                                    step.get("round").intValue(),
                                    step.get("slot").intValue(),
                                    Purpose.EXTEND));
        });
        assertThat(of("population", lines)).hasSize(2).allSatisfy(population -> {
            assertThat(population.get("nodes")).hasSize(8);
            assertThat(population.get("ancestors")).hasSize(8);
            assertThat(population.get("logWeights")).hasSize(8);
        });
        assertThat(of("outcome", lines).getFirst().get("particles")).hasSize(8);
        assertThat(client.get("/api/v1/jobs/job-0/export").statusCode()).isEqualTo(404);
    }

    /** The event is one of a problem's: its problem cannot be read, and everything else can. */
    @Test
    void anExportThatMeetsABrokenEventSaysSoInItsLastLine() throws Exception {
        var whole = finished("{\"particles\":4}");
        var broken = finished("{\"particles\":4}");
        node.sql("update journal set checksum = checksum + 1 where persistence_id like 'problem|" + broken
                + "/%' and sequence_number = 2");

        var reply = client.get("/api/v1/jobs/" + broken + "/export");

        assertThat(reply.statusCode()).isEqualTo(200);
        var lines = reply.body().split("\n");
        assertThat(JSON.readTree(lines[0]).get("kind").textValue()).isEqualTo("job");
        var last = JSON.readTree(lines[lines.length - 1]);
        assertThat(last.get("kind").textValue()).isEqualTo("error");
        assertThat(last.get("problem").textValue()).isEqualTo("a/b");
        assertThat(last.get("code").textValue()).isEqualTo("storage-unavailable");
        assertThat(last.get("detail").textValue()).contains("checksum");
        assertThat(client.get("/api/v1/jobs/" + whole + "/export").body()).contains("\"kind\":\"outcome\"");
        assertThat(client.get("/readyz").statusCode()).isEqualTo(200);
    }

    private static List<JsonNode> of(String kind, List<JsonNode> lines) {
        return lines.stream()
                .filter(line -> line.get("kind").textValue().equals(kind))
                .toList();
    }
}
