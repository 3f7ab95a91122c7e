package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.cli.SharedCluster.Load;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A job whose coordinator loses its connections to the database again and again goes on by itself. */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class KilledConnectionsTest {
    /** Problems of one particle and few steps, so that the job writes often that one has ended. */
    private static final Load LOAD = new Load(120, 1, 6, 40);

    private static final int KILLS = 12;

    @TempDir
    private Path folder;

    @Test
    void aJobEndsAfterItsConnectionsWereKilled() throws Exception {
        try (var cluster = SharedCluster.start(folder, 1, 1, LOAD)) {
            var undisturbed = cluster.results(cluster.submit());
            var job = cluster.submitAndAwaitRounds(1);
            var killed = new AtomicInteger();

            await().pollInterval(Duration.ofMillis(250))
                    .atMost(SharedCluster.PATIENCE)
                    .until(() -> {
                        cluster.killConnections();
                        return killed.incrementAndGet() == KILLS;
                    });

            assertThat(cluster.results(job)).isEqualTo(undisturbed);
            assertThat(cluster.results(cluster.submit()))
                    .as("places are free again")
                    .isEqualTo(undisturbed);
        }
    }
}
