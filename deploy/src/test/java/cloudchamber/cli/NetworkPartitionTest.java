package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cloudchamber.cli.SharedCluster.Load;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three coordinators and two workers on machines of their own, whose network breaks under a job. Whatever it does, when
 * it is whole again there is one cluster, and the job's results are those of a run without faults.
 */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class NetworkPartitionTest {
    private static final Load LOAD = new Load(12, 4, 60, 50);
    /** Longer than it takes each side to decide. */
    private static final Duration FAULT = Duration.ofSeconds(18);

    private static final Duration ONE_CLUSTER = Duration.ofSeconds(60);
    private static final int FIRST = 0;
    private static final int SECOND = 1;
    private static final int THIRD = 2;
    private static final int WORKER = 3;
    private static final int OTHER_WORKER = 4;

    @TempDir
    private Path folder;

    /** A cut of the network. */
    private interface Cut {
        void make(Namespaces network) throws IOException;
    }

    @Test
    void oneClusterComesOfAnyPartition() throws Exception {
        var made = Namespaces.make(5);
        assertThat(made.isPresent() || System.getenv("CI") == null)
                .as("in CI network namespaces must be had")
                .isTrue();
        assumeTrue(made.isPresent(), "network namespaces cannot be made here");
        try (var network = made.get();
                var cluster = SharedCluster.start(folder, 3, 2, LOAD, network)) {
            var undisturbed = cluster.results(cluster.submit());

            disturb(
                    cluster,
                    network,
                    undisturbed,
                    "1|1|1",
                    parts -> parts.part(List.of(List.of(FIRST), List.of(SECOND), List.of(THIRD))));
            disturb(
                    cluster,
                    network,
                    undisturbed,
                    "the founder alone in the minority",
                    parts -> parts.part(List.of(List.of(FIRST), List.of(SECOND, THIRD, WORKER, OTHER_WORKER))));
            disturb(
                    cluster,
                    network,
                    undisturbed,
                    "2|1 with a worker each",
                    parts -> parts.part(List.of(List.of(FIRST, SECOND, WORKER), List.of(THIRD, OTHER_WORKER))));
            disturb(cluster, network, undisturbed, "half open", parts -> parts.cutOneWay(FIRST, SECOND));
            disturb(
                    cluster,
                    network,
                    undisturbed,
                    "coordinators|workers",
                    parts -> parts.part(List.of(List.of(FIRST, SECOND, THIRD), List.of(WORKER, OTHER_WORKER))));
            if (network.lose(20)) {
                var job = cluster.submitAndAwaitRounds(2);
                assertThat(cluster.results(job)).as("20 % loss").isEqualTo(undisturbed);
                network.loseNothing();
                cluster.awaitMembers(ONE_CLUSTER);
            }
        }
    }

    private static void disturb(
            SharedCluster cluster, Namespaces network, List<String> undisturbed, String name, Cut cut)
            throws Exception {
        var job = cluster.submitAndAwaitRounds(2);
        cut.make(network);
        await(FAULT);
        network.heal();
        long healedMillis = System.currentTimeMillis();
        cluster.awaitMembers(ONE_CLUSTER);
        System.out.printf(
                Locale.ROOT,
                "NetworkPartitionTest: %s for %d s: one cluster %d ms after it was healed%n",
                name,
                FAULT.toSeconds(),
                System.currentTimeMillis() - healedMillis);
        assertThat(cluster.results(job)).as(name).isEqualTo(undisturbed);
    }

    private static void await(Duration time) {
        org.awaitility.Awaitility.await()
                .pollDelay(time)
                .atMost(time.plusSeconds(5))
                .until(() -> true);
    }
}
