package cloudchamber.coordinator.http.transport;

import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.japi.function.Creator;

/** TLS as the API speaks it: 1.3, or 1.2 with ciphers that are authenticated and keys that are forgotten. */
public final class HttpsEngines {
    /** A browser that was here once asks for nothing without TLS for a year (RFC 6797). */
    public static final HttpHeader HTTPS_ONLY = RawHeader.create("Strict-Transport-Security", "max-age=31536000");

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private HttpsEngines() {}

    public static Creator<SSLEngine> of(SSLContext context) {
        var suites = Arrays.stream(context.getDefaultSSLParameters().getCipherSuites())
                .filter(HttpsEngines::isOffered)
                .toArray(String[]::new);
        return () -> {
            var engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            engine.setEnabledProtocols(PROTOCOLS);
            engine.setEnabledCipherSuites(suites);
            return engine;
        };
    }

    private static boolean isOffered(String suite) {
        boolean authenticated = suite.contains("_GCM_") || suite.contains("_CHACHA20_POLY1305_");
        return authenticated
                && (suite.startsWith("TLS_AES_")
                        || suite.startsWith("TLS_CHACHA20_")
                        || suite.startsWith("TLS_ECDHE_"));
    }
}
