package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.cli.SharedCluster.Load;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is halted for so long that the others take it for dead comes back, and works again. What a
 * coordinator writes in between, when it goes on where it was, is refused by the journal and changes nothing.
 */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class RejoinTest {
    /** One particle each, so that at any moment many problems are a reply away from their next event. */
    private static final Load LOAD = new Load(40, 1, 60, 100);

    /** What the database says of a second append with the same number. */
    private static final String REFUSED = "duplicate key value violates unique constraint \"journal_pkey\"";

    @TempDir
    private Path folder;

    @Test
    void whoWasHaltedAndTakenForDeadComesBackAndWhatItWritesLateIsRefused() throws Exception {
        try (var cluster = SharedCluster.start(folder, 3, 2, LOAD)) {
            var undisturbed = cluster.results(cluster.submit());

            haltWorker(cluster, undisturbed);
            haltCoordinator(cluster, undisturbed);
        }
    }

    private static void haltWorker(SharedCluster cluster, List<String> undisturbed) throws Exception {
        var job = cluster.submitAndAwaitRounds(3);
        var worker = cluster.workers.removeFirst();
        worker.signal("STOP");
        assertThat(cluster.results(job)).isEqualTo(undisturbed);
        cluster.awaitMembers();

        worker.signal("CONT");
        comesBack(cluster, worker, cluster.workers);
        assertThat(cluster.results(cluster.submit())).isEqualTo(undisturbed);
        assertThat(Members.completed(cluster.api()).get(worker.processId())).isPositive();
    }

    /** The coordinator is halted between an append and its commit, so that it goes on by trying again. */
    private static void haltCoordinator(SharedCluster cluster, List<String> undisturbed) throws Exception {
        var job = cluster.submitAndAwaitRounds(3);
        var coordinator = cluster.coordinators.getLast();
        try (var held = cluster.holdWrites()) {
            // One write of each coordinator waits for the database by then, and those of its other problems for it.
            await().atMost(SharedCluster.PATIENCE)
                    .during(Duration.ofSeconds(1))
                    .until(() -> cluster.writersHeld() == cluster.coordinators.size());
            coordinator.signal("STOP");
            held.rollback();
        }
        cluster.coordinators.removeLast();
        assertThat(cluster.results(job)).isEqualTo(undisturbed);
        cluster.awaitMembers();
        int refusedBefore = refused(cluster);

        coordinator.signal("CONT");
        comesBack(cluster, coordinator, cluster.coordinators);
        await().atMost(SharedCluster.PATIENCE)
                .untilAsserted(() -> assertThat(refused(cluster)).isGreaterThan(refusedBefore));
        assertThat(cluster.results(job)).isEqualTo(undisturbed);
        // It is the one that is asked now.
        assertThat(cluster.results(cluster.submit())).isEqualTo(undisturbed);
    }

    private static int refused(SharedCluster cluster) throws Exception {
        return cluster.databaseLogged().split(Pattern.quote(REFUSED), -1).length - 1;
    }

    private static void comesBack(SharedCluster cluster, Program.Node node, List<Program.Node> among) {
        node.awaitStart();
        among.add(node);
        cluster.awaitMembers();
    }
}
