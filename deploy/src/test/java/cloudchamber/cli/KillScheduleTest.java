package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.cli.SharedCluster.Load;
import cloudchamber.protocol.model.CounterRandom;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random schedules of faults over three coordinators and four workers under a job: kills, halts, a database that
 * stands still or loses its connections, all at once. Each ends with one cluster within 60 s and with the results of a run without
 * faults. {@code -Dkill.schedules=N} runs more than three, {@code -Dkill.first=N} starts at another seed.
 */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class KillScheduleTest {
    private static final int SCHEDULES = Integer.getInteger("kill.schedules", 3);
    private static final int FIRST = Integer.getInteger("kill.first", 1);
    private static final Load LOAD = new Load(12, 4, 60, 50);
    private static final Duration ONE_CLUSTER = Duration.ofSeconds(60);
    private static final int FAULTS = 6;
    private static final int FAULTS_MILLIS = 20_000;
    private static final int LONGEST_MILLIS = 10_000;

    private enum Fault {
        KILL_COORDINATOR,
        KILL_WORKER,
        HALT_COORDINATOR,
        HALT_WORKER,
        HALT_DATABASE,
        RESTART_DATABASE,
        KILL_ALL
    }

    @TempDir
    private Path folder;

    private SharedCluster cluster;
    private final Map<Program.Node, Thread> restarts = new HashMap<>();
    /** That are under way. */
    private int databaseHalts;

    private interface Step {
        void take() throws Exception;
    }

    private record Timed(long atMillis, Step step) {}

    @Test
    void whateverIsKilledOneClusterComesOfItAndNoResultChanges() throws Exception {
        try (var started = SharedCluster.start(folder, 3, 4, LOAD)) {
            cluster = started;
            var undisturbed = digest(cluster.results(cluster.submit()));
            for (int seed = FIRST; seed < FIRST + SCHEDULES; seed++) {
                run(seed, undisturbed);
            }
        }
    }

    private void run(int seed, String undisturbed) throws Exception {
        var job = cluster.submitAndAwaitRounds(1);
        var said = new ArrayList<String>();
        var schedule = schedule(new CounterRandom(seed), said);
        long startNanos = System.nanoTime();
        for (var timed : schedule) {
            long waitMillis = timed.atMillis()
                    - Duration.ofNanos(System.nanoTime() - startNanos).toMillis();
            if (waitMillis > 0) {
                await().pollDelay(Duration.ofMillis(waitMillis))
                        .atMost(Duration.ofMillis(waitMillis + 5000))
                        .until(() -> true);
            }
            timed.step().take();
        }
        long lastNanos = System.nanoTime();
        for (var restart : restarts.values()) {
            restart.join();
        }
        restarts.clear();
        cluster.awaitMembers(ONE_CLUSTER);
        long oneMillis = Duration.ofNanos(System.nanoTime() - lastNanos).toMillis();
        var digest = digest(cluster.results(job));
        System.out.printf(
                Locale.ROOT,
                "KillScheduleTest: seed %d, %s: one cluster after %d ms, digest %s%n",
                seed,
                said,
                oneMillis,
                digest.equals(undisturbed) ? "equal" : "DIFFERENT");
        assertThat(digest).as("seed " + seed).isEqualTo(undisturbed);
    }

    /** Each fault and its end, in their order. */
    private List<Timed> schedule(CounterRandom random, List<String> said) {
        var steps = new ArrayList<Timed>();
        for (int fault = 0; fault < FAULTS; fault++) {
            long atMillis = random.nextInt(FAULTS_MILLIS);
            long endMillis = atMillis + random.nextInt(LONGEST_MILLIS);
            var kind = Fault.values()[random.nextInt(Fault.values().length)];
            said.add(kind + "@" + atMillis / 1000);
            switch (kind) {
                case KILL_COORDINATOR -> kill(steps, cluster.coordinators, random.nextInt(3), atMillis, endMillis);
                case KILL_WORKER -> kill(steps, cluster.workers, random.nextInt(4), atMillis, endMillis);
                case HALT_COORDINATOR -> halt(steps, cluster.coordinators, random.nextInt(3), atMillis, endMillis);
                case HALT_WORKER -> halt(steps, cluster.workers, random.nextInt(4), atMillis, endMillis);
                case HALT_DATABASE -> {
                    steps.add(new Timed(atMillis, () -> {
                        databaseHalts++;
                        cluster.signalDatabase("STOP");
                    }));
                    steps.add(new Timed(endMillis, () -> {
                        databaseHalts--;
                        if (databaseHalts == 0) {
                            cluster.signalDatabase("CONT");
                        }
                    }));
                }
                case RESTART_DATABASE ->
                    steps.add(new Timed(atMillis, () -> {
                        if (databaseHalts == 0) {
                            cluster.breakDatabaseConnections();
                        }
                    }));
                case KILL_ALL -> {
                    for (int node = 0; node < 3; node++) {
                        kill(steps, cluster.coordinators, node, atMillis, endMillis);
                    }
                    for (int node = 0; node < 4; node++) {
                        kill(steps, cluster.workers, node, atMillis, endMillis);
                    }
                }
            }
        }
        steps.sort(Comparator.comparingLong(Timed::atMillis));
        return steps;
    }

    private void kill(List<Timed> steps, List<Program.Node> among, int node, long atMillis, long endMillis) {
        steps.add(new Timed(atMillis, () -> among.get(node).kill()));
        steps.add(new Timed(endMillis, () -> {
            var ended = among.get(node);
            if (!ended.lives()) {
                restarts.computeIfAbsent(ended, none -> Thread.startVirtualThread(() -> keepStarting(among, ended)));
            }
        }));
    }

    /** As a service manager does: a node whose database is away ends. */
    private void keepStarting(List<Program.Node> among, Program.Node ended) {
        while (true) {
            try {
                cluster.startAgain(among, ended);
                return;
            } catch (AssertionError notReady) {
                System.out.println("KillScheduleTest: a node ended before it was ready, and starts again");
            }
        }
    }

    private static void halt(List<Timed> steps, List<Program.Node> among, int node, long atMillis, long endMillis) {
        steps.add(new Timed(atMillis, () -> {
            if (among.get(node).lives()) {
                among.get(node).signal("STOP");
            }
        }));
        steps.add(new Timed(endMillis, () -> {
            if (among.get(node).lives()) {
                among.get(node).signal("CONT");
            }
        }));
    }

    private static String digest(List<String> results) throws Exception {
        var digest = MessageDigest.getInstance("SHA-256");
        results.forEach(result -> digest.update(result.getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }
}
