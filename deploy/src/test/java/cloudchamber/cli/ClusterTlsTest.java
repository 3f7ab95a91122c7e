package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import cloudchamber.cli.tls.CertificateAuthority;
import cloudchamber.cli.tls.ClusterTls;
import cloudchamber.cli.tls.NodeCertificate;
import cloudchamber.client.ApiClient;
import cloudchamber.models.Models;
import cloudchamber.node.ClusterNode;
import cloudchamber.node.NodeOptions;
import cloudchamber.protocol.wire.Role;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator whose port speaks TLS, and real strangers: they cannot join, send or read; a member can. */
class ClusterTlsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int QUIET_MILLIS = 2000;
    /** What a node without TLS sends first. */
    private static final byte[] ARTERY = "AKKA\u0001".getBytes(StandardCharsets.ISO_8859_1);

    @TempDir
    private static Path folder;

    private static ClusterNode coordinator;

    @BeforeAll
    static void start() throws IOException {
        issue("own", "member", NodeOptions.LOOPBACK);
        issue("own", "elsewhere", "192.0.2.7");
        issue("foreign", "stranger", NodeOptions.LOOPBACK);
        coordinator = ClusterNode.start(
                new NodeOptions(
                        EnumSet.of(Role.COORDINATOR),
                        List.of(),
                        List.of(),
                        0,
                        List.of(),
                        OptionalInt.of(0),
                        folder.resolve("data"),
                        Optional.empty(),
                        NodeOptions.LOOPBACK,
                        Optional.of(certificate("member"))),
                Models.standard());
    }

    @AfterAll
    static void stop() {
        coordinator.close();
    }

    private static void issue(String authority, String name, String host) throws IOException {
        var kept = folder.resolve(authority);
        if (!kept.toFile().exists()) {
            CertificateAuthority.init(kept, authority, Instant.now(), Duration.ofDays(2), new SecureRandom());
        }
        CertificateAuthority.open(kept)
                .issue(List.of(host), folder.resolve(name), Instant.now(), Duration.ofDays(1), new SecureRandom());
    }

    private static NodeCertificate certificate(String name) {
        return NodeCertificate.read(folder.resolve(name), Instant.now());
    }

    /** A node of the same program, with the certificate it has, or none, that asks the coordinator for admission. */
    private static ActorSystem<Void> node(Optional<NodeCertificate> certificate) {
        var config = ConfigFactory.parseMap(Map.of(
                        "pekko.remote.artery.canonical.port",
                        0,
                        "pekko.remote.artery.transport",
                        certificate.isPresent() ? "tls-tcp" : "tcp",
                        "pekko.cluster.roles",
                        List.of(Role.POLICY.id())))
                .withFallback(ConfigFactory.load());
        var setup = ActorSystemSetup.create(BootstrapSetup.create(config));
        var system = ActorSystem.create(
                Behaviors.<Void>empty(),
                "cloudchamber",
                certificate.map(own -> setup.and(ClusterTls.setup(own))).orElse(setup));
        Cluster.get(system)
                .manager()
                .tell(new JoinSeedNodes(
                        List.of(Address.apply("pekko", "cloudchamber", NodeOptions.LOOPBACK, coordinator.port()))));
        return system;
    }

    private static boolean isUp(ActorSystem<Void> node) {
        return Cluster.get(node).selfMember().status() == MemberStatus.up();
    }

    /** Sends the dispatcher a message and reads the answer. */
    private static ActorRef dispatcher(ActorSystem<Void> node) throws Exception {
        return Adapter.toClassic(node)
                .actorSelection("pekko://cloudchamber@" + coordinator.address() + "/user/dispatcher")
                .resolveOne(Duration.ofSeconds(5))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    @Test
    void strangersCannotJoinSendOrRead() {
        var bare = node(Optional.empty());
        var foreign = node(Optional.of(certificate("stranger")));
        // Comes last and is in: the strangers had their time.
        var member = node(Optional.of(certificate("member")));
        try {
            await().atMost(PATIENCE).until(() -> isUp(member));
            await().atMost(PATIENCE).ignoreExceptions().until(() -> dispatcher(member) != null);
            for (var stranger : List.of(bare, foreign)) {
                assertThatThrownBy(() -> dispatcher(stranger)).hasMessageContaining("Actor not found");
                assertThat(isUp(stranger)).isFalse();
            }
            var members =
                    new ApiClient(coordinator.url()).cluster().path("members").toString();
            assertThat(members)
                    .contains(addressOf(member))
                    .doesNotContain(addressOf(bare))
                    .doesNotContain(addressOf(foreign));
        } finally {
            List.of(bare, foreign, member).forEach(ActorSystem::terminate);
        }
    }

    private static String addressOf(ActorSystem<Void> node) {
        return Cluster.get(node).selfMember().address().hostPort();
    }

    /** A member's certificate that is for another address: the one who calls hangs up. */
    @Test
    void whoAnswersMustBeWhoWasCalled() throws Exception {
        var impostor = ClusterNode.start(
                new NodeOptions(
                        EnumSet.of(Role.POLICY),
                        List.of(),
                        List.of(),
                        0,
                        List.of(),
                        OptionalInt.empty(),
                        folder.resolve("other"),
                        Optional.empty(),
                        NodeOptions.LOOPBACK,
                        Optional.of(certificate("elsewhere"))),
                Models.standard());
        var member = node(Optional.of(certificate("member")));
        try {
            await().atMost(PATIENCE).until(() -> isUp(member));
            assertThatThrownBy(() -> Adapter.toClassic(member)
                            .actorSelection("pekko://cloudchamber@" + impostor.address() + "/user")
                            .resolveOne(Duration.ofSeconds(5))
                            .toCompletableFuture()
                            .get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("Actor not found");
        } finally {
            member.terminate();
            impostor.close();
        }
    }

    @Test
    void aMembersSocketStaysOpen() throws Exception {
        try (var socket = tls("member", "TLSv1.3")) {
            assertThatThrownBy(() -> readToTheEnd(socket)).isInstanceOf(SocketTimeoutException.class);
            assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
        }
    }

    @Test
    void aSocketWithoutACertificateIsClosed() throws Exception {
        assertRefused(tls(null, "TLSv1.3"));
    }

    @Test
    void aSocketWithAnothersCertificateIsClosed() throws Exception {
        assertRefused(tls("stranger", "TLSv1.3"));
    }

    @Test
    void anOlderProtocolIsRefused() throws Exception {
        assertRefused(tls("member", "TLSv1.2"));
    }

    /** The words of a node without TLS are no handshake. */
    @Test
    void aPlainSocketIsClosed() throws Exception {
        var socket = new Socket(InetAddress.getLoopbackAddress(), coordinator.port());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        assertRefused(socket);
    }

    /** Nothing comes but the end, which may be an abrupt one. */
    private static void assertRefused(Socket socket) {
        try (socket) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(ARTERY);
            assertThat(readToTheEnd(socket)).as("bytes that are no alert").isZero();
        } catch (SocketTimeoutException stillOpen) {
            throw new AssertionError("the connection must be closed: is open", stillOpen);
        } catch (IOException closed) {
            // As it should be.
        }
    }

    /** Counts what comes, alerts of TLS (7 bytes of type 21) apart. */
    private static int readToTheEnd(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        var read = in.readAllBytes();
        return read.length > 0 && read[0] == 21 ? read.length - 7 : read.length;
    }

    /** A socket that believes whoever answers, so that it is the other side that refuses. */
    private static SSLSocket tls(String name, String protocol) throws GeneralSecurityException, IOException {
        var context = SSLContext.getInstance("TLS");
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        var own = KeyStore.getInstance("PKCS12");
        own.load(null, new char[0]);
        if (name != null) {
            var certificate = certificate(name);
            own.setKeyEntry(
                    "own", certificate.key(), new char[0], certificate.chain().toArray(X509Certificate[]::new));
        }
        keys.init(own, new char[0]);
        context.init(keys.getKeyManagers(), new TrustManager[] {new Credulous()}, null);
        var socket = (SSLSocket)
                context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), coordinator.port());
        socket.setEnabledProtocols(new String[] {protocol});
        socket.setSoTimeout(QUIET_MILLIS);
        return socket;
    }

    private static final class Credulous implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** The whole program: its engines' processes join their node over TLS and answer a question. */
    @Test
    void aNodeAndItsEnginesSpeakTls() {
        try (var node =
                Program.Node.start("--tls-directory", folder.resolve("member").toString(), "--http-port", "0")) {
            var solved = Program.run("solve", "Evaluate 3 + 4.", "--particles", "4", "--json", "--url", node.url());

            assertThat(solved.exitCode()).as(solved.err()).isZero();
            assertThat(solved.json().path("status").asText()).isEqualTo("succeeded");
        }
    }
}
