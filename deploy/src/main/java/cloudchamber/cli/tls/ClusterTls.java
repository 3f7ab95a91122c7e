package cloudchamber.cli.tls;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.apache.pekko.actor.setup.Setup;
import org.apache.pekko.remote.artery.tcp.SSLEngineProvider;
import org.apache.pekko.remote.artery.tcp.SSLEngineProviderSetup;
import scala.Option;

/**
 * TLS between nodes: version 1.3 and no other, a certificate from both sides, and the name or address that was called
 * in the certificate of who answers.
 */
public final class ClusterTls implements SSLEngineProvider {
    private static final String[] PROTOCOLS = {NodeCertificate.PROTOCOL};
    private static final String[] CIPHERS = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"};

    private final SSLContext context;

    private ClusterTls(SSLContext context) {
        this.context = context;
    }

    /** What an actor system with the transport {@code tls-tcp} is started with. */
    public static Setup setup(NodeCertificate certificate) {
        var tls = new ClusterTls(certificate.context());
        return SSLEngineProviderSetup.create(system -> tls);
    }

    @Override
    public SSLEngine createServerSSLEngine(String hostname, int port) {
        var engine = engine(hostname, port);
        engine.setUseClientMode(false);
        engine.setNeedClientAuth(true);
        return engine;
    }

    @Override
    public SSLEngine createClientSSLEngine(String hostname, int port) {
        var engine = engine(hostname, port);
        engine.setUseClientMode(true);
        var parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        return engine;
    }

    private SSLEngine engine(String hostname, int port) {
        var engine = context.createSSLEngine(hostname, port);
        engine.setEnabledProtocols(PROTOCOLS);
        engine.setEnabledCipherSuites(CIPHERS);
        return engine;
    }

    /** The handshake has said it all. */
    @Override
    public Option<Throwable> verifyClientSession(String hostname, SSLSession session) {
        return Option.empty();
    }

    /** The handshake has said it all. */
    @Override
    public Option<Throwable> verifyServerSession(String hostname, SSLSession session) {
        return Option.empty();
    }
}
