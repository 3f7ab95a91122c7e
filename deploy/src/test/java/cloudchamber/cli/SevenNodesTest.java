package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.cli.SharedCluster.Load;
import cloudchamber.client.ApiClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three coordinators and four workers: whoever dies or leaves under load, everything accepted finishes once, and
 * as if nothing had happened. What the loss costs is printed.
 */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class SevenNodesTest {
    private static final Load LOAD = new Load(12, 4, 80, 50);
    /** Of each problem before the fault, so that it is under way. */
    private static final int ROUNDS = 4;

    /** Until one of them has problems on the coordinator that is to be lost. */
    private static final int MORE_JOBS = 8;

    private static final Duration END = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private SharedCluster cluster;
    private List<String> undisturbed;
    private long tokens;

    @Test
    void whoeverDiesOrLeavesNothingIsLostAndNothingChanges() throws Exception {
        try (var started = SharedCluster.start(folder, 3, 4, LOAD)) {
            cluster = started;
            undisturbed = cluster.results(cluster.submit());
            tokens = cluster.executedTokens();

            killWorker();
            terminateWorker();
            killCoordinator("a coordinator", 1);
            killCoordinator("the coordinator with the shards' coordinator", 0);
            terminateCoordinator("a coordinator", 2);
            terminateCoordinator("the coordinator with the shards' coordinator", 0);
        }
    }

    private void killWorker() throws Exception {
        var job = cluster.submitAndAwaitRounds(ROUNDS);
        var halted = Members.killHoldingLeases(cluster.api(), cluster.workers.removeFirst(), SharedCluster.PATIENCE);
        assertThat(cluster.results(job)).isEqualTo(undisturbed);
        long worst = nextEvents(job, halted.atMillis()).max().orElseThrow();
        print(
                "kill -9 of a worker that held %d leases of one coordinator: every problem's next round after %d ms",
                halted.leases(), worst);
        cluster.startWorker();
        cluster.awaitMembers();
    }

    private void terminateWorker() throws Exception {
        var job = cluster.submitAndAwaitRounds(ROUNDS);
        terminate(cluster.workers.removeFirst());
        assertThat(cluster.results(job)).isEqualTo(undisturbed);
        cluster.startWorker();
        cluster.awaitMembers();
    }

    private void killCoordinator(String name, int index) throws Exception {
        var victim = cluster.coordinators.remove(index);
        lose("kill -9 of " + name, victim, Program.Node::kill);
    }

    private void terminateCoordinator(String name, int index) throws Exception {
        var victim = cluster.coordinators.remove(index);
        lose("SIGTERM of " + name, victim, SevenNodesTest::terminate);
    }

    private static void terminate(Program.Node node) {
        node.signal("TERM");
        node.awaitEnd(END);
    }

    /** How long the problems of a lost coordinator stand still, and what is done twice; then it has a successor. */
    private void lose(String what, Program.Node victim, Consumer<Program.Node> loss) throws Exception {
        long before = cluster.executedTokens();
        var job = cluster.submitAndAwaitRounds(ROUNDS);
        for (int more = 0; more < MORE_JOBS && !Members.hasGivenLeases(new ApiClient(victim.url())); more++) {
            // New problems go to who has had fewest, so that one who has been there for long may get none.
            assertThat(cluster.results(job)).isEqualTo(undisturbed);
            before = cluster.executedTokens();
            job = cluster.submitAndAwaitRounds(ROUNDS);
        }
        long atMillis = System.currentTimeMillis();
        loss.accept(victim);
        assertThat(cluster.results(job)).isEqualTo(undisturbed);

        var pauses = cluster.pauses(job, atMillis).toArray();
        assertThat(pauses).as("it must have had problems").isNotEmpty();
        long twice = cluster.executedTokens() - before - tokens;
        // A step of the simulated language is a token, and a round has one for each particle.
        int open = pauses.length * LOAD.particles();
        assertThat(twice).as("only what was in flight may be done twice").isBetween(0L, (long) open);
        print(
                "%s: %d moves of %d problems, the longest pause %d ms; tokens executed twice %d of %d in flight",
                what,
                pauses.length,
                LOAD.problems(),
                LongStream.of(pauses).max().orElseThrow(),
                twice,
                open);
        cluster.startCoordinator();
        cluster.awaitMembers();
    }

    /** Milliseconds from a moment to each problem's next event. */
    private LongStream nextEvents(String job, long atMillis) throws Exception {
        return cluster.events(job).stream()
                .flatMapToLong(events -> events.stream()
                        .mapToLong(event -> event.atMillis() - atMillis)
                        .filter(millis -> millis > 0)
                        .limit(1));
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, "SevenNodesTest: " + format + "%n", values);
    }
}
