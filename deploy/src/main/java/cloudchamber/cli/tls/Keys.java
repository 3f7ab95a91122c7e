package cloudchamber.cli.tls;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;

/** Keys beside the certificates that speak of them. */
final class Keys {
    private Keys() {}

    private static final byte[] PROBE = {1, 2, 3, 4};

    /**
     * @param file of the key, for the message
     * @throws UnusableCertificate if the certificate speaks of another key
     */
    static void requirePair(X509Certificate certificate, PrivateKey key, Path file) {
        try {
            var algorithm = switch (key.getAlgorithm()) {
                case "EC" -> "SHA256withECDSA";
                case "RSA" -> "SHA256withRSA";
                default -> key.getAlgorithm();
            };
            var signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(PROBE);
            var verifier = Signature.getInstance(algorithm);
            verifier.initVerify(certificate.getPublicKey());
            verifier.update(PROBE);
            if (verifier.verify(signer.sign())) {
                return;
            }
        } catch (GeneralSecurityException different) {
            // Of another kind, then: another key.
        }
        throw new UnusableCertificate("[" + file + "] must be the key of the certificate of ["
                + certificate.getSubjectX500Principal().getName() + "]: is another");
    }
}
