package cloudchamber.coordinator.http.transport;

import cloudchamber.protocol.model.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** The files that hold the server's certificate and its private key. */
public sealed interface TlsFiles {

    /**
     * @param certificate the server's, and those between it and its CA, in PEM
     * @param key in PKCS #8 and PEM, not encrypted
     */
    record Pem(Path certificate, Path key) implements TlsFiles {}

    /** @param file in PKCS #12, with one key */
    record Pkcs12(Path file, Optional<Secret> password) implements TlsFiles {}

    /** What the server needs for TLS. @throws IllegalArgumentException if a file is not what it must be */
    default SSLContext context() {
        try {
            var context = SSLContext.getInstance("TLS");
            var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            switch (this) {
                case Pem(var certificate, var key) ->
                    managers.init(store(certificates(certificate), privateKey(key)), NO_PASSWORD);
                case Pkcs12 store -> managers.init(load(store), characters(store.password()));
            }
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalArgumentException("the server's certificate must fit its key: " + impossible, impossible);
        }
    }

    char[] NO_PASSWORD = new char[0];

    Pattern PRIVATE_KEY = Pattern.compile("-----BEGIN PRIVATE KEY-----(.*?)-----END PRIVATE KEY-----", Pattern.DOTALL);

    /** The kinds of keys, and how each signs. */
    Map<String, String> SIGNATURES = Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

    private static KeyStore store(List<? extends Certificate> chain, PrivateKey key) throws GeneralSecurityException {
        if (!fit(chain.getFirst().getPublicKey(), key)) {
            throw new IllegalArgumentException("cloudchamber.http.tls.key must be the key of the first certificate in"
                    + " cloudchamber.http.tls.certificate: is another's");
        }
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            store.setKeyEntry("server", key, NO_PASSWORD, chain.toArray(Certificate[]::new));
            return store;
        } catch (IOException impossible) {
            throw new IllegalStateException("nothing was read", impossible);
        }
    }

    private static List<? extends Certificate> certificates(Path file) throws GeneralSecurityException {
        var factory = CertificateFactory.getInstance("X.509");
        try (var in = Files.newInputStream(file)) {
            var chain = List.copyOf(factory.generateCertificates(in));
            if (!chain.isEmpty()) {
                return chain;
            }
        } catch (CertificateException none) {
            throw new IllegalArgumentException(
                    "cloudchamber.http.tls.certificate must have certificates in PEM: " + file + " has none that can be"
                            + " read: " + none.getMessage(),
                    none);
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        }
        throw new IllegalArgumentException(
                "cloudchamber.http.tls.certificate must have certificates in PEM: " + file + " has none");
    }

    private static PrivateKey privateKey(Path file) throws GeneralSecurityException {
        try {
            var block = PRIVATE_KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            if (!block.find()) {
                throw new IllegalArgumentException("cloudchamber.http.tls.key must be a key in PKCS #8, as"
                        + " `openssl pkcs8 -topk8 -nodes` makes it: " + file + " has no BEGIN PRIVATE KEY");
            }
            var specification = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(block.group(1)));
            for (var algorithm : SIGNATURES.keySet()) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(specification);
                } catch (InvalidKeySpecException another) {
                    // It is of another kind.
                }
            }
            throw new IllegalArgumentException("cloudchamber.http.tls.key must be one of "
                    + SIGNATURES.keySet().stream().sorted().toList() + ": " + file + " is of another kind");
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        }
    }

    /** Whether what the one signs the other finds signed. */
    private static boolean fit(PublicKey open, PrivateKey secret) throws GeneralSecurityException {
        var signature = Signature.getInstance(SIGNATURES.getOrDefault(secret.getAlgorithm(), secret.getAlgorithm()));
        var text = "cloudchamber".getBytes(StandardCharsets.UTF_8);
        signature.initSign(secret);
        signature.update(text);
        var signed = signature.sign();
        try {
            signature.initVerify(open);
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException ofAnotherKind) {
            return false;
        }
    }

    private static KeyStore load(Pkcs12 file) throws GeneralSecurityException {
        try (var in = Files.newInputStream(file.file())) {
            var store = KeyStore.getInstance("PKCS12");
            store.load(in, characters(file.password()));
            for (var names = store.aliases(); names.hasMoreElements(); ) {
                Key key = store.getKey(names.nextElement(), characters(file.password()));
                if (key instanceof PrivateKey) {
                    return store;
                }
            }
            throw new IllegalArgumentException(
                    "cloudchamber.http.tls.key-store must have a private key: " + file.file() + " has none");
        } catch (IOException unreadable) {
            throw unreadable(file.file(), unreadable);
        }
    }

    private static char[] characters(Optional<Secret> password) {
        return password.map(secret -> secret.value().toCharArray()).orElse(NO_PASSWORD);
    }

    private static IllegalArgumentException unreadable(Path file, IOException failure) {
        return new IllegalArgumentException(
                "the files of cloudchamber.http.tls must be readable: " + file + " is not: " + failure.getMessage(),
                failure);
    }
}
