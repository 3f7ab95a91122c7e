package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.cli.SharedCluster.Load;
import cloudchamber.cli.SharedCluster.Written;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
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
        long worst =
                pauses(job, halted.atMillis(), (before, after) -> true).max().orElseThrow();
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
        long before = cluster.executedTokens();
        var job = cluster.submitAndAwaitRounds(ROUNDS);
        var victim = cluster.coordinators.remove(index);
        long killedAt = System.currentTimeMillis();
        victim.kill();
        assertThat(cluster.results(job)).isEqualTo(undisturbed);
        report("kill -9 of " + name, job, killedAt, before);
    }

    private void terminateCoordinator(String name, int index) throws Exception {
        long before = cluster.executedTokens();
        var job = cluster.submitAndAwaitRounds(ROUNDS);
        long toldAt = System.currentTimeMillis();
        terminate(cluster.coordinators.remove(index));
        assertThat(cluster.results(job)).isEqualTo(undisturbed);
        report("SIGTERM of " + name, job, toldAt, before);
    }

    private static void terminate(Program.Node node) {
        node.signal("TERM");
        node.awaitEnd(END);
    }

    /** How long the problems of a lost coordinator stood still, and what was done twice; then it has a successor. */
    private void report(String what, String job, long atMillis, long tokensBefore) throws Exception {
        var pauses = pauses(job, atMillis, (last, next) -> !last.writer().equals(next.writer()))
                .toArray();
        assertThat(pauses).as("it must have had problems").isNotEmpty();
        long twice = cluster.executedTokens() - tokensBefore - tokens;
        // A step of the simulated language is a token, and a round has one for each particle.
        int open = pauses.length * LOAD.particles();
        assertThat(twice).as("only what was in flight may be done twice").isBetween(0L, (long) open);
        print(
                "%s: %d of %d problems moved, the last next round after %d ms; tokens executed twice %d of %d in flight",
                what,
                pauses.length,
                LOAD.problems(),
                LongStream.of(pauses).max().orElseThrow(),
                twice,
                open);
        cluster.startCoordinator();
        cluster.awaitMembers();
    }

    /** Milliseconds to each problem's first event after a moment, of those whose event before it fits. */
    private LongStream pauses(String job, long atMillis, BiPredicate<Written, Written> fits) throws Exception {
        return cluster.events(job).stream()
                .flatMapToLong(events -> IntStream.range(1, events.size())
                        .filter(next -> events.get(next).atMillis() > atMillis)
                        .limit(1)
                        .filter(next -> fits.test(events.get(next - 1), events.get(next)))
                        .mapToLong(next -> events.get(next).atMillis() - atMillis));
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, "SevenNodesTest: " + format + "%n", values);
    }
}
