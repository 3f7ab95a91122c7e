package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.cli.SharedCluster.Load;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which nodes go on when others are lost, as the database decides it. Workers have the lowest addresses, so that it is
 * one of them that claims the lease, through a coordinator.
 */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class SurvivorTest {
    private static final Load LOAD = new Load(12, 4, 80, 50);
    private static final int ROUNDS = 4;
    /** Until the loss of a node would have been decided about. */
    private static final Duration DATABASE_STOPPED = Duration.ofSeconds(25);
    /** From a loss until its problems close their next round, on a machine with nothing else to do. */
    private static final Duration TAKEN_OVER = Duration.ofSeconds(20);

    private static final Duration SECOND_LOSS = Duration.ofSeconds(40);

    @TempDir
    private Path folder;

    @Test
    void whoeverIsLeftGoesOn() throws Exception {
        try (var cluster = SharedCluster.start(folder, 3, 2, LOAD)) {
            var undisturbed = cluster.results(cluster.submit());

            loseWorkerWhileTheDatabaseIsStopped(cluster);
            long firstLossMillis = System.currentTimeMillis();
            loseCoordinator(cluster, "the founder, of three coordinators", undisturbed);
            assertThat(System.currentTimeMillis() - firstLossMillis).isLessThan(SECOND_LOSS.toMillis());
            loseCoordinator(cluster, "the oldest, of two coordinators", undisturbed);
        }
    }

    /** The decision waits for the database, and no coordinator goes down for it. */
    private static void loseWorkerWhileTheDatabaseIsStopped(SharedCluster cluster) throws Exception {
        cluster.signalDatabase("STOP");
        cluster.workers.removeLast().kill();
        await().pollDelay(DATABASE_STOPPED)
                .atMost(DATABASE_STOPPED.plusSeconds(5))
                .until(() -> true);
        cluster.signalDatabase("CONT");

        cluster.awaitMembers(Duration.ofSeconds(60));
        for (var coordinator : cluster.coordinators) {
            assertThat(cluster.logged(coordinator)).doesNotContain("starts again");
        }
        assertThat(cluster.logged(cluster.workers.getFirst()))
                .contains("the decision about unreachable nodes waits")
                .doesNotContain("starts again");
    }

    private static void loseCoordinator(SharedCluster cluster, String name, List<String> undisturbed) throws Exception {
        var job = cluster.submitAndAwaitRounds(ROUNDS);
        long atMillis = System.currentTimeMillis();
        cluster.coordinators.removeFirst().kill();
        assertThat(cluster.results(job)).isEqualTo(undisturbed);

        var pauses = cluster.pauses(job, atMillis).toArray();
        System.out.printf(
                Locale.ROOT,
                "SurvivorTest: kill -9 of %s: %d of %d problems were its own, the longest pause %d ms (at most %d on an"
                        + " idle machine)%n",
                name,
                pauses.length,
                LOAD.problems(),
                LongStream.of(pauses).max().orElse(0),
                TAKEN_OVER.toMillis());
        assertThat(pauses).as("it must have had problems").isNotEmpty();
        for (var coordinator : cluster.coordinators) {
            assertThat(cluster.logged(coordinator)).doesNotContain("starts again");
        }
    }
}
