package cloudchamber.coordinator.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged is there after a kill -9, whenever it comes; and nothing stands in between that was not. */
class KillTest {
    private static final int LEAST_ACKNOWLEDGED = 100;
    private static final int KILLS = 3;
    private static final int MANY_KILLS = 30;

    @TempDir
    private Path directory;

    @Test
    void killedWriterLosesNothing() throws Exception {
        kill(KILLS, "directory", directory.toString());
    }

    @Test
    @EnabledIfSystemProperty(named = "long.tests", matches = "true")
    void oftenKilledWriterLosesNothing() throws Exception {
        kill(MANY_KILLS, "directory", directory.toString());
    }

    @Test
    @EnabledIfSystemProperty(named = "long.tests", matches = "true")
    void killedWriterToPostgresLosesNothing() throws Exception {
        try (var postgres = EmbeddedPostgres.start()) {
            kill(KILLS, "url", postgres.getJdbcUrl("postgres", "postgres"));
        }
    }

    private static void kill(int times, String setting, String value) throws Exception {
        var acknowledged = new HashMap<String, Long>();
        int inFlight = 0;
        for (int run = 1; run <= times; run++) {
            inFlight += run(LEAST_ACKNOWLEDGED + 37 * run, acknowledged, setting, value);
            var kept = kept(setting, value);
            acknowledged.forEach(
                    (id, last) -> assertThat(kept.get(id).last()).as(id).isGreaterThanOrEqualTo(last));
            kept.forEach((id, events) -> assertThat(events.count()).as(id).isEqualTo(events.last()));
        }
        assertThat(inFlight).as("writes in flight at the kills").isGreaterThanOrEqualTo(times);
    }

    /**
     * Lets the program write, and kills it.
     *
     * @param acknowledged by entity the last event it was told is kept; added to
     * @return how many events were sent and not acknowledged
     */
    private static int run(int least, Map<String, Long> acknowledged, String setting, String value) throws IOException {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WritingProcess.class.getName(),
                        setting,
                        value)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int sent = 0;
        int confirmed = 0;
        try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (var line = out.readLine(); line != null; line = out.readLine()) {
                var words = line.split(" ");
                // The last line may be torn.
                if (words.length == 3 && words[0].equals("sent")) {
                    sent++;
                } else if (words.length == 3 && words[0].equals("acknowledged")) {
                    confirmed++;
                    acknowledged.merge(words[1], Long.valueOf(words[2]), Math::max);
                }
                if (confirmed >= least) {
                    process.toHandle().destroyForcibly();
                }
            }
        } finally {
            process.destroyForcibly();
            process.onExit().join();
        }
        assertThat(confirmed).isGreaterThanOrEqualTo(least);
        return sent - confirmed;
    }

    /** How many events of an entity are kept, and the number of the last. */
    private record Kept(long count, long last) {}

    private static Map<String, Kept> kept(String setting, String value)
            throws InterruptedException, ExecutionException {
        var storage = Storage.open(
                StorageSettings.from(ConfigFactory.parseMap(Map.of("cloudchamber.journal." + setting, value))
                        .withFallback(ConfigFactory.load())));
        try {
            return storage.read(connection -> {
                        var kept = new HashMap<String, Kept>();
                        try (var statement = connection.createStatement()) {
                            var rows = statement.executeQuery(
                                    "select persistence_id, count(*), max(sequence_number) from journal group by persistence_id");
                            while (rows.next()) {
                                kept.put(rows.getString(1), new Kept(rows.getLong(2), rows.getLong(3)));
                            }
                        }
                        return kept;
                    })
                    .toCompletableFuture()
                    .get();
        } finally {
            storage.close();
        }
    }

    @Test
    void twoWritersInOneNameAreKeptApart() throws Exception {
        var settings = StorageSettings.from(
                ConfigFactory.parseMap(Map.of("cloudchamber.journal.directory", directory.toString()))
                        .withFallback(ConfigFactory.load()));
        var storage = Storage.open(settings);
        try {
            var mine = append("one", "mine");
            var other = append("two", "mine");
            storage.writer().write(List.of(mine)).toCompletableFuture().get();
            var second = storage.writer().write(List.of(append("one", "other"))).toCompletableFuture();
            var beside = storage.writer().write(List.of(other)).toCompletableFuture();

            assertThat(second).failsWithin(Duration.ofSeconds(30));
            beside.get();
        } finally {
            storage.close();
        }
    }

    private static Statement.Write append(String id, String writer) {
        return Statement.APPEND.with(id, 1L, 0L, writer, "", 0, "", new byte[0], 0L);
    }
}
