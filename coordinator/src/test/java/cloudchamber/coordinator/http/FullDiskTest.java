package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.Client.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.coordinator.SmallDisk;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk without room: writes are refused at once and by name, reads go on, and room is enough to go on. */
class FullDiskTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Well below the limit of a request, which such answers once waited for. */
    private static final Duration AT_ONCE = Duration.ofSeconds(3);

    private static final Duration HEALED = Duration.ofSeconds(5);
    private static final int MEGABYTES = 8;
    private static final String HELD = """
            {"problems":[{"question":"Answer when told."}],"method":{"id":"greedy"}}""";
    /** About 40 kB. */
    private static final String LARGE = """
            {"problems":[%s],"method":{"id":"greedy"}}""".formatted(IntStream.range(0, 40)
            .mapToObj(problem -> "{\"question\":\"" + "x".repeat(900) + problem + "\"}")
            .collect(Collectors.joining(",")));

    @TempDir
    private Path directory;

    private SmallDisk disk;
    private TestNode node;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        disk = SmallDisk.mount(directory.resolve("disk"), MEGABYTES);
        node = new TestNode("full-disk", Map.of("cloudchamber.journal.directory", disk.directory() + "/data"));
        client = new Client(node.serve(node.settings(PATIENCE), node.dispatcher()));
        await().atMost(PATIENCE).until(() -> client.get("/readyz").statusCode() == 200);
    }

    @AfterEach
    void stop() throws Exception {
        if (node != null) {
            client.close();
            node.close();
        }
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    void aFullDiskIsNamedAtOnceAndHeals() throws Exception {
        var job = client.submit(HELD);
        client.awaitStatus(job, "running");

        disk.fill();
        assertRefused(submitUntilRefused(), "storage-full");
        assertRefused(client.get("/readyz"), "storage-full");
        for (int request = 0; request < 10; request++) {
            assertRefused(inTime(() -> client.post("/api/v1/jobs", HELD)), "storage-full");
        }
        assertReadsGoOn(job);

        disk.makeRoom();
        assertHeals(job);
    }

    private interface Call {
        HttpResponse<String> make() throws Exception;
    }

    private static HttpResponse<String> inTime(Call call) throws Exception {
        long started = System.nanoTime();
        var answer = call.make();
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(AT_ONCE);
        return answer;
    }

    /** The database has some room of its own left. */
    private HttpResponse<String> submitUntilRefused() throws Exception {
        for (int job = 0; job < 1000; job++) {
            var answer = inTime(() -> client.post("/api/v1/jobs", LARGE));
            if (answer.statusCode() != 202) {
                return answer;
            }
        }
        throw new AssertionError("a full disk must refuse jobs: it took 1000");
    }

    private static void assertRefused(HttpResponse<String> answer, String kind) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        assertThat(json(answer).get("code").textValue()).isEqualTo(kind);
        assertThat(json(answer).get("retryable").booleanValue()).isTrue();
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }

    private void assertReadsGoOn(String job) throws Exception {
        assertThat(client.get("/api/v1/jobs").statusCode()).isEqualTo(200);
        assertThat(client.get("/api/v1/jobs/" + job + "/problems").statusCode()).isEqualTo(200);
        assertThat(client.get("/livez").statusCode()).isEqualTo(200);
    }

    private void assertHeals(String job) throws Exception {
        await().atMost(HEALED).until(() -> client.get("/readyz").statusCode() == 200);
        await().atMost(HEALED).until(() -> client.post("/api/v1/jobs", HELD).statusCode() == 202);
        await().atMost(PATIENCE).until(() -> {
            ScriptedDispatcher.release(1);
            return json(client.get("/api/v1/jobs/" + job))
                    .get("status")
                    .textValue()
                    .equals("succeeded");
        });
    }
}
