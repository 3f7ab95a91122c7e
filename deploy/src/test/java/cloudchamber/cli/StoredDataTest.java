package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An old data directory opens, lists, goes on and is exported as ever.
 *
 * <p>{@code data-4} was written by the program with the schema 4, whose events had the names of Java classes, with
 * the simulated models {@code hmm.json}: one finished job of each method, one with a label, one of another tenant, a
 * deleted one, a cancelled one, a data set, an ended and a cancelled sweep. The program was killed in the middle of a
 * job and of two sweeps, one of them paused. {@code standing.ndjson} has what that program answered when it was
 * started again, {@code finished.ndjson} what it answered when the job and the sweep that went on were over.
 */
class StoredDataTest {
    private static final Path FIXTURE = Path.of("src", "test", "resources", "data-4");
    /** Is in the jobs' specifications, relative to the folder the tests run in. */
    private static final String MODEL = "simulated:" + FIXTURE.resolve("hmm.json");

    private static final String SLOW_MODEL = MODEL + "?mean-millis=120&cv=0";
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    /** Work that a kill has lost is done again, at another time. */
    private static final Pattern CHANGED_BY_A_KILL = Pattern.compile(
            "\"(endedAt|wallMillis|policySlotMillis|prmSlotMillis|wastedSlotMillis|promptTokens|cachedTokens"
                    + "|completionTokens|prmTokens|wastedTokens)\":[^,}]*");

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private record Answer(String key, String path, String body) {}

    @Test
    void aDirectoryOfTheSchema4OpensListsGoesOnAndIsExported() {
        var fixture = json(FIXTURE.resolve("fixture.json"));
        var data = directory.resolve("data");
        unpack("cloudchamber.db.gz", data.resolve("cloudchamber.db"));
        try (var node = start(data)) {
            assertStanding(node, fixture);
            assertThat(ids(document(node, fixture, "/api/v1/jobs?limit=100").path("jobs")))
                    .isEqualTo(texts(fixture.path("jobs")));
            assertThat(get(node, fixture, "admin", job(fixture.path("deletedJob")))
                            .statusCode())
                    .isEqualTo(404);
            assertThat(document(node, fixture, "/api/v1/sweeps/paused")
                            .path("status")
                            .asText())
                    .isEqualTo("paused");

            awaitStatus(node, fixture, job(fixture.path("unfinishedJob")), "succeeded");
            awaitStatus(node, fixture, "/api/v1/sweeps/half", "ended");
            assertThat(answers("finished.ndjson.gz"))
                    .isNotEmpty()
                    .allSatisfy(golden -> assertThat(unchanged(get(node, fixture, golden.key(), golden.path())
                                    .body()))
                            .as(golden.path())
                            .isEqualTo(unchanged(golden.body())));
        }
        try (var again = start(data)) {
            assertStanding(again, fixture);
        }
        assertThat(namesOfNewEvents(data)).isNotEmpty().noneMatch(name -> name.contains("cloudchamber"));
    }

    // ---- helpers

    private static Program.Node start(Path data) {
        return Program.Node.start(
                "--http-port",
                "0",
                "--data",
                data.toString(),
                "--policy",
                MODEL,
                "--policy",
                SLOW_MODEL,
                "--prm",
                MODEL,
                "--prm",
                SLOW_MODEL);
    }

    /** A sweep that was just opened first asks its jobs how they are. */
    private void assertStanding(Program.Node node, JsonNode fixture) {
        var goldens = answers("standing.ndjson.gz");
        assertThat(goldens).hasSizeGreaterThan(100);
        for (var golden : goldens) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(get(node, fixture, golden.key(), golden.path())
                                    .body())
                            .as(golden.path())
                            .isEqualTo(golden.body()));
        }
    }

    /** What was written beside the events that the fixture does not have. */
    private static List<String> namesOfNewEvents(Path data) {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("cloudchamber.db"));
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select distinct manifest from journal where serializer_id <> 33")) {
            var names = new ArrayList<String>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        } catch (SQLException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    private static void awaitStatus(Program.Node node, JsonNode fixture, String path, String status) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> document(node, fixture, path).path("status").asText(), status::equals);
    }

    private static String unchanged(String body) {
        return CHANGED_BY_A_KILL.matcher(body).replaceAll("\"$1\":0");
    }

    private static String job(JsonNode id) {
        return "/api/v1/jobs/" + id.textValue();
    }

    private static List<String> ids(JsonNode entries) {
        return StreamSupport.stream(entries.spliterator(), false)
                .map(entry -> entry.path("id").textValue())
                .toList();
    }

    private static List<String> texts(JsonNode entries) {
        return StreamSupport.stream(entries.spliterator(), false)
                .map(JsonNode::textValue)
                .toList();
    }

    private static JsonNode document(Program.Node node, JsonNode fixture, String path) {
        try {
            return ApiClient.JSON.readTree(get(node, fixture, "admin", path).body());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** @param key whose key of the fixture is shown */
    private static HttpResponse<String> get(Program.Node node, JsonNode fixture, String key, String path) {
        try {
            var request = HttpRequest.newBuilder(URI.create(node.url() + path))
                    .header(
                            "Authorization",
                            "Bearer " + fixture.path("keys").path(key).textValue())
                    .timeout(PATIENCE)
                    .build();
            return HTTP.send(request, BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    private List<Answer> answers(String name) {
        var file = directory.resolve(name);
        if (!Files.exists(file)) {
            unpack(name, file);
        }
        try {
            return Files.readString(file, StandardCharsets.UTF_8)
                    .lines()
                    .map(StoredDataTest::answer)
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Answer answer(String line) {
        try {
            return ApiClient.JSON.readValue(line, Answer.class);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static JsonNode json(Path file) {
        try {
            return ApiClient.JSON.readTree(file.toFile());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static void unpack(String name, Path file) {
        try (var packed = new GZIPInputStream(Files.newInputStream(FIXTURE.resolve(name)))) {
            Files.createDirectories(file.getParent());
            Files.copy(packed, file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
