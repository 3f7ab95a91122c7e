package cloudchamber.cli.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the nodes of one user know each other by is made once, renewed in time, and nobody else's to read. */
class OwnerCertificateTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path folder;

    private Path folder(String host, Instant now) throws Exception {
        return OwnerCertificate.folder(folder.resolve("cluster"), host, now, RANDOM);
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void itIsMadeOnceAndForEachHost() throws Exception {
        var first = NodeCertificate.read(folder("127.0.0.1", NOW), NOW);
        var again = NodeCertificate.read(folder("127.0.0.1", NOW.plus(Duration.ofDays(30))), NOW);
        var other = NodeCertificate.read(folder("localhost", NOW), NOW);

        assertThat(again).isEqualTo(first);
        assertThat(first.isFor("127.0.0.1")).isTrue();
        assertThat(other.isFor("localhost")).isTrue();
        assertThat(other.authority()).isEqualTo(first.authority());
        assertThat(mode(folder.resolve("cluster"))).isEqualTo("rwx------");
        assertThat(mode(folder.resolve("cluster/ca.key"))).isEqualTo("rw-------");
        assertThat(mode(folder.resolve("cluster/127.0.0.1/tls.key"))).isEqualTo("rw-------");
    }

    @Test
    void itIsRenewedBeforeItEnds() throws Exception {
        var first = NodeCertificate.read(folder("127.0.0.1", NOW), NOW);
        for (int years = 1; years < 60; years++) {
            var now = NOW.plus(Duration.ofDays(365L * years));
            var read = NodeCertificate.read(folder("127.0.0.1", now), now);
            assertThat(read.end()).isAfter(now.plus(Duration.ofDays(364)));
        }
        assertThat(first.end()).isBefore(NOW.plus(Duration.ofDays(365 * 60)));
    }

    @Test
    void anUnfinishedOneIsMadeAgain() throws Exception {
        var made = folder("127.0.0.1", NOW);
        Files.delete(made.resolve("tls.crt"));
        assertThat(NodeCertificate.read(folder("127.0.0.1", NOW), NOW).isFor("127.0.0.1"))
                .isTrue();
        Files.delete(folder.resolve("cluster/ca.crt"));
        var again = NodeCertificate.read(folder("127.0.0.1", NOW), NOW);
        assertThat(again.isFor("127.0.0.1")).isTrue();
    }

    @Test
    void manyAtOnceAgree() throws Exception {
        var authorities = new HashSet<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var made : threads.invokeAll(IntStream.range(0, 8)
                    .mapToObj(node -> (Callable<Path>) () -> folder("127.0.0.1", NOW))
                    .toList())) {
                authorities.add(NodeCertificate.read(made.get(), NOW).authority());
            }
        }
        assertThat(authorities).hasSize(1);
    }
}
