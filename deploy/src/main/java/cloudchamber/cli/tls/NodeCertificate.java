package cloudchamber.cli.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * What a node proves with that it is a member, and knows members by. It is read from a folder with three files, named
 * as in a TLS secret of Kubernetes: {@value #CERTIFICATE_FILE} (the certificate, then those between it and the
 * authority if there are any), {@value #KEY_FILE} and {@value #AUTHORITY_FILE}.
 *
 * @param chain the node's certificate first
 * @param authority whose certificates are trusted, and nobody else's
 */
public record NodeCertificate(List<X509Certificate> chain, PrivateKey key, X509Certificate authority) {
    static final String PROTOCOL = "TLSv1.3";

    static final String CERTIFICATE_FILE = "tls.crt";
    static final String KEY_FILE = "tls.key";
    static final String AUTHORITY_FILE = "ca.crt";

    private static final int DNS = 2;
    private static final int ADDRESS = 7;
    private static final char[] NO_PASSWORD = new char[0];

    public NodeCertificate {
        chain = List.copyOf(chain);
    }

    /**
     * Reads a node's folder and looks whether a node could work with it now.
     *
     * @throws UnusableCertificate saying what is missing, broken, expired or another's
     */
    public static NodeCertificate read(Path folder, Instant now) {
        if (!Files.isDirectory(folder)) {
            throw new UnusableCertificate("the TLS directory must be a folder with " + CERTIFICATE_FILE + ", "
                    + KEY_FILE + " and " + AUTHORITY_FILE + ": [" + folder + "] is none");
        }
        var chain = Pem.certificates(folder.resolve(CERTIFICATE_FILE));
        var authority = Pem.certificates(folder.resolve(AUTHORITY_FILE)).getFirst();
        var key = Pem.key(folder.resolve(KEY_FILE));
        Keys.requirePair(chain.getFirst(), key, folder.resolve(KEY_FILE));
        requireNow(authority, folder.resolve(AUTHORITY_FILE), now);
        for (var certificate : chain) {
            requireNow(certificate, folder.resolve(CERTIFICATE_FILE), now);
        }
        requireIssued(chain, authority, folder, now);
        return new NodeCertificate(chain, key, authority);
    }

    private static void requireNow(X509Certificate certificate, Path file, Instant now) {
        if (now.isAfter(certificate.getNotAfter().toInstant())) {
            throw new UnusableCertificate("the certificate [" + file + "] must be valid now, at " + now + ": ended at "
                    + certificate.getNotAfter().toInstant());
        }
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            throw new UnusableCertificate("the certificate [" + file + "] must be valid now, at " + now + ": begins at "
                    + certificate.getNotBefore().toInstant());
        }
    }

    private static void requireIssued(
            List<X509Certificate> chain, X509Certificate authority, Path folder, Instant now) {
        try {
            var parameters = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
        } catch (CertPathValidatorException foreign) {
            throw new UnusableCertificate("the certificate [" + folder.resolve(CERTIFICATE_FILE)
                    + "] must be issued by the authority beside it ["
                    + authority.getSubjectX500Principal().getName() + "]: was issued by ["
                    + chain.getLast().getIssuerX500Principal().getName() + "] (" + foreign.getMessage() + ")");
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** When it ends. */
    public Instant end() {
        return chain.getFirst().getNotAfter().toInstant();
    }

    /** The names and addresses it is for. */
    public List<String> hosts() {
        return names().map(name -> String.valueOf(name.get(1))).toList();
    }

    /** Whether other nodes may reach its owner by this name or address. */
    public boolean isFor(String host) {
        return names().anyMatch(name -> {
            var named = String.valueOf(name.get(1)).toLowerCase(Locale.ROOT);
            var asked = host.toLowerCase(Locale.ROOT);
            int dot = asked.indexOf('.');
            return named.equals(asked)
                    || Integer.valueOf(DNS).equals(name.getFirst())
                            && named.startsWith("*.")
                            && dot > 0
                            && named.substring(1).equals(asked.substring(dot));
        });
    }

    private Stream<List<?>> names() {
        try {
            Collection<List<?>> names = chain.getFirst().getSubjectAlternativeNames();
            return names == null
                    ? Stream.empty()
                    : names.stream()
                            .filter(name -> name.getFirst().equals(DNS)
                                    || name.getFirst().equals(ADDRESS));
        } catch (CertificateParsingException malformed) {
            return Stream.empty();
        }
    }

    /** TLS that shows this certificate and trusts its authority alone. */
    SSLContext context() {
        try {
            var own = KeyStore.getInstance("PKCS12");
            own.load(null, NO_PASSWORD);
            own.setKeyEntry("node", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, NO_PASSWORD);

            var trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, NO_PASSWORD);
            trusted.setCertificateEntry("authority", authority);
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);

            var context = SSLContext.getInstance(PROTOCOL);
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
