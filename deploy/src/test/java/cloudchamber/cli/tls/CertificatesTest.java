package cloudchamber.cli.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an authority gives, a node can work with; what is missing, expired or another's is said. */
class CertificatesTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path folder;

    private CertificateAuthority authority;

    @BeforeEach
    void authority() throws IOException {
        CertificateAuthority.init(folder.resolve("a"), "a", NOW, YEAR.multipliedBy(10), RANDOM);
        authority = CertificateAuthority.open(folder.resolve("a"));
    }

    private Path issued(String... hosts) throws IOException {
        var node = folder.resolve("node");
        authority.issue(List.of(hosts), node, NOW, YEAR, RANDOM);
        return node;
    }

    @Test
    void aNodeReadsWhatItWasGiven() throws IOException {
        var read = NodeCertificate.read(issued("192.0.2.7", "gpu1.example", "2001:db8::7", "*.pods.example"), NOW);

        assertThat(read.isFor("192.0.2.7")).isTrue();
        assertThat(read.isFor("GPU1.example")).isTrue();
        assertThat(read.isFor("a.pods.example")).isTrue();
        assertThat(read.isFor("a.b.pods.example")).isFalse();
        assertThat(read.isFor("gpu2.example")).isFalse();
        assertThat(read.hosts()).hasSize(4).contains("192.0.2.7", "gpu1.example");
        assertThat(read.end()).isEqualTo(NOW.plus(YEAR));
        assertThat(read.authority()).isEqualTo(authority.certificate());
    }

    @Test
    void keysAreTheirOwnersAlone() throws IOException {
        for (var key :
                List.of(folder.resolve("a").resolve("ca.key"), issued("a").resolve("tls.key"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key.getParent())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void anAuthorityIsNeverReplaced() {
        assertThatThrownBy(() -> CertificateAuthority.init(folder.resolve("a"), "b", NOW, YEAR, RANDOM))
                .isInstanceOf(UnusableCertificate.class)
                .hasMessageContaining("no authority yet");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls.crt", "tls.key", "ca.crt"})
    void aMissingFileIsNamed(String file) throws IOException {
        var node = issued("a");
        Files.delete(node.resolve(file));

        assertThatThrownBy(() -> NodeCertificate.read(node, NOW))
                .isInstanceOf(UnusableCertificate.class)
                .hasMessageContaining(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls.crt", "tls.key", "ca.crt"})
    void aBrokenFileIsNamed(String file) throws IOException {
        var node = issued("a");
        Files.writeString(node.resolve(file), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

        assertThatThrownBy(() -> NodeCertificate.read(node, NOW))
                .isInstanceOf(UnusableCertificate.class)
                .hasMessageContaining(file);
    }

    @Test
    void anotherAuthoritysCertificateIsForeign() throws IOException {
        var node = issued("a");
        // Of the same name: what counts is the key.
        CertificateAuthority.init(folder.resolve("b"), "a", NOW, YEAR, RANDOM);
        Files.copy(folder.resolve("b").resolve("ca.crt"), node.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);

        assertThatThrownBy(() -> NodeCertificate.read(node, NOW))
                .isInstanceOf(UnusableCertificate.class)
                .hasMessageContaining("must be issued by the authority beside it");
    }

    @Test
    void anothersKeyIsForeign() throws IOException {
        var node = issued("a");
        authority.issue(List.of("b"), folder.resolve("b"), NOW, YEAR, RANDOM);
        Files.copy(
                folder.resolve("b").resolve("tls.key"), node.resolve("tls.key"), StandardCopyOption.REPLACE_EXISTING);

        assertThatThrownBy(() -> NodeCertificate.read(node, NOW))
                .isInstanceOf(UnusableCertificate.class)
                .hasMessageContaining("tls.key")
                .hasMessageContaining("is another");
    }

    @Test
    void timeCounts() throws IOException {
        var node = issued("a");

        assertThatThrownBy(() -> NodeCertificate.read(node, NOW.plus(YEAR).plusSeconds(1)))
                .isInstanceOf(UnusableCertificate.class)
                .hasMessageContaining("ended at " + NOW.plus(YEAR));
        assertThatThrownBy(() -> NodeCertificate.read(node, NOW.minus(YEAR)))
                .isInstanceOf(UnusableCertificate.class)
                .hasMessageContaining("begins at");
        assertThatThrownBy(() -> authority.issue(List.of("a"), node, NOW, YEAR.multipliedBy(11), RANDOM))
                .isInstanceOf(UnusableCertificate.class)
                .hasMessageContaining("must end before its authority does");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "-a", "999.1.1.1", "a..b", "http://a", "a/b", "1:2"})
    void aHostIsANameOrAnAddress(String host) {
        assertThatThrownBy(() -> issued(host))
                .isInstanceOf(UnusableCertificate.class)
                .hasMessageContaining("a host must be a name or an address");
    }
}
