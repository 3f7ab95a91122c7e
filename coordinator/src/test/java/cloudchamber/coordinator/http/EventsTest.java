package cloudchamber.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams of events over a socket. */
@Timeout(60)
class EventsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HELD_JOB = """
            {"problems":[{"question":"Answer when told."}],"method":{"particles":4}}""";

    private static TestNode node;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        node = new TestNode("events");
        client = new Client(node.serve(node.settings(Duration.ofSeconds(60)), node.dispatcher()));
    }

    @AfterAll
    static void stop() {
        client.close();
        node.close();
    }

    private static void release(int answers) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(() -> ScriptedDispatcher.release(answers));
    }

    private static String problemEvents(String job) {
        return "/api/v1/jobs/" + job + "/problems/p1/events";
    }

    @Test
    void aProblemTellsOfEachRoundAsItCloses() throws Exception {
        var job = client.submit(HELD_JOB);
        try (var events = client.events(problemEvents(job))) {
            assertThat(events.response().headers().firstValue("Content-Type")).contains("text/event-stream");
            var snapshot = events.next();
            assertThat(snapshot.name()).isEqualTo("snapshot");
            assertThat(snapshot.json().get("question").textValue()).isEqualTo("Answer when told.");
            release(4); // steps
            release(4); // scores

            var first = events.next();

            assertThat(first.name()).isEqualTo("round");
            assertThat(first.json().get("round").intValue()).isZero();
            var chain = first.json().at("/chains/0");
            assertThat(chain.get("nodes")).hasSize(4);
            assertThat(chain.get("ess").doubleValue()).isCloseTo(4, within(1e-9));
            assertThat(chain.get("ancestors")).hasSize(4);
            assertThat(StreamSupport.stream(chain.get("weights").spliterator(), false)
                            .mapToDouble(weight -> weight.doubleValue())
                            .sum())
                    .isCloseTo(1, within(1e-9));
            assertThat(first.json().at("/nodes/0/text").textValue()).startsWith("3 + 4 = 7");
            assertThat(first.json().get("best").isNull()).isTrue();

            release(4);
            release(4);
            var second = events.next("round");
            assertThat(second.json().at("/best/answer").textValue()).isEqualTo("7");
            var end = events.next();
            assertThat(end.name()).isEqualTo("end");
            assertThat(end.json().get("answer").textValue()).isEqualTo("7");
            assertThat(end.json().get("particles")).hasSize(4);
            assertThat(end.json().get("selected").isInt()).isTrue();
            assertThat(events.rest()).isEmpty();
        }
    }

    @Test
    void whoComesBackGoesOnAfterTheLastRoundAndWhoIsLostStartsOver() throws Exception {
        var job = client.submit("{\"problems\":[{\"question\":\"Evaluate 3 + 4.\"}]}");
        client.awaitStatus(job, "succeeded");
        var all = read(problemEvents(job));
        assertThat(all).extracting(Client.Event::name).containsExactly("snapshot", "round", "round", "end");

        assertThat(read(problemEvents(job), "Last-Event-ID", all.get(1).id())).isEqualTo(all.subList(2, 4));
        assertThat(read(problemEvents(job), "Last-Event-ID", all.get(2).id())).isEqualTo(all.subList(3, 4));
        var future = all.get(1).id().replaceFirst("-.*", "-4711");
        for (var strange : List.of(
                future, "0-0", "-", "end", "9999999999999999999", all.get(3).id())) {
            assertThat(read(problemEvents(job), "Last-Event-ID", strange))
                    .as(strange)
                    .isEqualTo(all);
        }
    }

    private static List<Client.Event> read(String path, String... headers) throws Exception {
        try (var events = client.events(path, headers)) {
            return events.rest();
        }
    }

    @Test
    void aStreamEndsWhenItsProblemIsCancelled() throws Exception {
        var job = client.submit("""
                {"problems":[{"question":"Think for ever."},{"id":"p2","question":"Later."}]}""");
        client.awaitStatus(job, "running");
        try (var running = client.events(problemEvents(job));
                var queued = client.events("/api/v1/jobs/" + job + "/problems/p2/events")) {
            assertThat(running.next().json().get("status").textValue()).isEqualTo("running");
            assertThat(queued.next().json().get("status").textValue()).isEqualTo("queued");
            client.post("/api/v1/jobs/" + job + "/cancel", "");

            assertThat(running.next("end").json().get("status").textValue()).isEqualTo("cancelled");
            assertThat(queued.next("end").json().get("status").textValue()).isEqualTo("cancelled");
        }
        assertThat(read("/api/v1/jobs/" + job + "/problems/p2/events"))
                .extracting(Client.Event::name)
                .containsExactly("snapshot", "end");
    }

    @Test
    void aJobTellsOfItsProblemsAndRounds() throws Exception {
        var job = client.submit("""
                {"problems":[{"question":"Answer when told."},{"question":"Evaluate 3 + 4."},
                             {"question":"This one is broken."}]}""");
        try (var events = client.events("/api/v1/jobs/" + job + "/events")) {
            var snapshot = events.next();
            assertThat(snapshot.name()).isEqualTo("snapshot");
            assertThat(snapshot.json().at("/job/id").textValue()).isEqualTo(job);
            assertThat(snapshot.json().get("problems")).hasSize(3);
            var all = new ArrayList<Client.Event>();
            for (int batch = 0; batch < 4; batch++) {
                release(16);
            }
            all.addAll(events.rest());

            assertThat(all.getLast().name()).isEqualTo("end");
            assertThat(all.getLast().json().get("status").textValue()).isEqualTo("failed");
            assertThat(all)
                    .filteredOn(event -> event.name().equals("problem"))
                    .extracting(event -> event.json().get("id").textValue() + " "
                            + event.json().get("status").textValue())
                    .contains("p1 succeeded", "p2 succeeded", "p3 failed");
            assertThat(all)
                    .filteredOn(event -> event.name().equals("round"))
                    .extracting(event -> event.json().get("problem").textValue() + " "
                            + event.json().get("round").intValue())
                    .contains("p1 1");
        }
        assertThat(read("/api/v1/jobs/" + job + "/events"))
                .extracting(Client.Event::name)
                .containsExactly("snapshot", "end");
    }

    @Test
    void theOverviewCountsJobsAndSlots() throws Exception {
        try (var events = client.events("/api/v1/events")) {
            var first = events.next().json();
            assertThat(first.get("pools"))
                    .extracting(pool -> pool.get("role").textValue() + " "
                            + pool.get("model").textValue() + " "
                            + pool.get("busy") + " " + pool.get("idle") + " " + pool.get("blocked") + " "
                            + pool.get("waiting"))
                    .containsExactly("policy awaited 0 0 8 3", "policy bundled 1 7 0 0", "prm bundled 1 7 0 0");
            var job = client.submit("{\"problems\":[{\"question\":\"Think for ever.\"}]}");

            var running = events.next("overview").json();
            while (running.at("/problems/running").intValue() == 0) {
                running = events.next("overview").json();
            }

            assertThat(running.at("/jobs/running").intValue()).isPositive();
            client.post("/api/v1/jobs/" + job + "/cancel", "");
            long before = running.at("/jobs/ended/cancelled").longValue();
            while (running.at("/jobs/ended/cancelled").longValue() == before) {
                running = events.next("overview").json();
            }
        }
    }

    @Test
    void whatHappensIsCountedForPrometheus() throws Exception {
        var job = client.submit("{\"problems\":[{\"question\":\"Evaluate 3 + 4.\"}]}");
        client.awaitStatus(job, "succeeded");

        await().atMost(PATIENCE).untilAsserted(() -> {
            var scraped = client.get("/metrics");
            assertThat(scraped.statusCode()).isEqualTo(200);
            assertThat(scraped.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("text/plain");
            assertThat(metric(scraped.body(), "cloudchamber_problems_ended_total{state=\"succeeded\"}"))
                    .isPositive();
            assertThat(metric(scraped.body(), "cloudchamber_tokens_total{kind=\"completion\",pool=\"policy\"}"))
                    .isGreaterThanOrEqualTo(160);
            assertThat(metric(scraped.body(), "cloudchamber_ess_ratio_count")).isGreaterThanOrEqualTo(2);
            assertThat(metric(scraped.body(), "cloudchamber_prm_score_bucket{le=\"0.75\"}"))
                    .isGreaterThanOrEqualTo(16);
            assertThat(metric(scraped.body(), "cloudchamber_ess_ratio_bucket{le=\"0.9\"}"))
                    .isPositive();
            assertThat(metric(scraped.body(), "cloudchamber_checkpoint_seconds_count"))
                    .isGreaterThanOrEqualTo(2);
            assertThat(metric(
                            scraped.body(),
                            "cloudchamber_step_duration_seconds_bucket{phase=\"generate\",le=\"0.01\"}"))
                    .isEqualTo(2);
            assertThat(metric(scraped.body(), "cloudchamber_step_duration_seconds_count{phase=\"generate\"}"))
                    .isEqualTo(3);
            assertThat(metric(scraped.body(), "cloudchamber_retries_total{reason=\"timed-out\"}"))
                    .isEqualTo(3);
            assertThat(metric(scraped.body(), "cloudchamber_queue_depth{pool=\"policy\"}"))
                    .isEqualTo(3);
            assertThat(metric(scraped.body(), "cloudchamber_worker_up{pool=\"policy\"}"))
                    .isEqualTo(1);
        });
    }

    private static double metric(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    @Test
    void workersAreListedAndDrained() throws Exception {
        var workers = Client.json(client.get("/api/v1/workers"));

        assertThat(workers.get("workers"))
                .isEqualTo(Client.json(client.get("/api/v1/cluster")).get("workers"));
        var drained = client.post("/api/v1/workers/policy-1/drain", "");
        assertThat(drained.statusCode()).isEqualTo(200);
        assertThat(Client.json(drained).get("workerId").textValue()).isEqualTo("policy-1");
        var unknown = client.post("/api/v1/workers/nobody/drain", "");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(Client.json(unknown).get("code").textValue()).isEqualTo("unknown-worker");
    }
}
