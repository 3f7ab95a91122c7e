package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.cli.SharedCluster.Load;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    private static void haltCoordinator(SharedCluster cluster, List<String> undisturbed) throws Exception {
        var job = cluster.submitAndAwaitRounds(3);
        var coordinator = cluster.coordinators.removeLast();
        coordinator.signal("STOP");
        assertThat(cluster.results(job)).isEqualTo(undisturbed);
        cluster.awaitMembers();

        coordinator.signal("CONT");
        comesBack(cluster, coordinator, cluster.coordinators);
        assertThat(log(coordinator)).contains("Failed to persist event").contains("the others took this node for dead");
        assertThat(cluster.results(job)).isEqualTo(undisturbed);
        // It is the one that is asked now.
        assertThat(cluster.results(cluster.submit())).isEqualTo(undisturbed);
    }

    private static void comesBack(SharedCluster cluster, Program.Node node, List<Program.Node> among) {
        node.awaitStart();
        among.add(node);
        cluster.awaitMembers();
    }

    private static String log(Program.Node node) throws Exception {
        return Files.readString(node.log());
    }
}
