package cloudchamber.cli.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The authority of one cluster: whoever has a certificate of it is a member. Keys are elliptic (P-256), signatures
 * SHA-256 with ECDSA.
 */
public final class CertificateAuthority {
    /*
     * One authority for one cluster: a node trusts this one and no other, not even those of the operating system. Its
     * key is needed to issue certificates and at no other time; it stays where it was made. Validity begins a
     * little earlier than now, for clocks differ.
     */
    private static final Duration CLOCK_DIFFERENCE = Duration.ofHours(1);
    private static final int SERIAL_BITS = 128;
    private static final String SIGNATURE = "SHA256withECDSA";
    /** As a certificate says it: letters, digits, hyphens, dots; the first label may be a wildcard. */
    private static final Pattern HOST_NAME = Pattern.compile(
            "(\\*\\.)?[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");

    private static final Pattern NUMERIC = Pattern.compile("[0-9.]+|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*");

    static final String CERTIFICATE_FILE = "ca.crt";
    static final String KEY_FILE = "ca.key";

    private final X509Certificate certificate;
    private final PrivateKey key;

    private CertificateAuthority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /**
     * Makes an authority in a folder: {@code ca.crt} and, for the owner's eyes alone, {@code ca.key}.
     *
     * @param name the common name of its certificate
     * @throws UnusableCertificate if there is one already
     */
    public static CertificateAuthority init(
            Path folder, String name, Instant now, Duration validity, SecureRandom random) throws IOException {
        for (var file : List.of(CERTIFICATE_FILE, KEY_FILE)) {
            if (Files.exists(folder.resolve(file))) {
                throw new UnusableCertificate("the folder [" + folder + "] must have no authority yet: has " + file
                        + "; every certificate of an authority is void without it, so it is not replaced");
            }
        }
        var keys = keys(random);
        var subject = new X500Principal("CN=" + name);
        try {
            var builder = builder(subject, subject, keys, now, validity, random)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
            var authority = new CertificateAuthority(signed(builder, keys.getPrivate()), keys.getPrivate());
            Pem.folder(folder);
            Pem.writeSecret(folder.resolve(KEY_FILE), Pem.text(keys.getPrivate()));
            Pem.write(folder.resolve(CERTIFICATE_FILE), Pem.text(Stream.of(authority.certificate)));
            return authority;
        } catch (GeneralSecurityException | OperatorCreationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Opens the authority of a folder.
     *
     * @throws UnusableCertificate if it is not there, or broken
     */
    public static CertificateAuthority open(Path folder) {
        var certificate = Pem.certificates(folder.resolve(CERTIFICATE_FILE)).getFirst();
        var key = Pem.key(folder.resolve(KEY_FILE));
        Keys.requirePair(certificate, key, folder.resolve(KEY_FILE));
        return new CertificateAuthority(certificate, key);
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /**
     * Gives a node what {@link NodeCertificate} reads: a new key, a certificate for it and the authority's.
     *
     * @param hosts names and addresses by which other nodes reach it; at least one
     * @param folder where to put them; what stands there is replaced
     * @return the certificate
     * @throws UnusableCertificate if a host is none, or the authority ends earlier than the certificate would
     */
    public X509Certificate issue(List<String> hosts, Path folder, Instant now, Duration validity, SecureRandom random)
            throws IOException {
        if (now.plus(validity).isAfter(certificate.getNotAfter().toInstant())) {
            throw new UnusableCertificate("a certificate must end before its authority does, at "
                    + certificate.getNotAfter().toInstant() + ": would end at " + now.plus(validity));
        }
        var names = hosts.stream().map(CertificateAuthority::name).toArray(GeneralName[]::new);
        var keys = keys(random);
        try {
            var extensions = new JcaX509ExtensionUtils();
            var subject = new X500Principal("CN=" + hosts.getFirst());
            var builder = builder(certificate.getSubjectX500Principal(), subject, keys, now, validity, random)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                        KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                    }))
                    .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            extensions.createAuthorityKeyIdentifier(certificate));
            var issued = signed(builder, key);
            Pem.folder(folder);
            Pem.writeSecret(folder.resolve(NodeCertificate.KEY_FILE), Pem.text(keys.getPrivate()));
            Pem.write(folder.resolve(NodeCertificate.CERTIFICATE_FILE), Pem.text(Stream.of(issued)));
            Pem.write(folder.resolve(NodeCertificate.AUTHORITY_FILE), Pem.text(Stream.of(certificate)));
            return issued;
        } catch (GeneralSecurityException | OperatorCreationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static GeneralName name(String host) {
        try {
            if (NUMERIC.matcher(host).matches()) {
                // A numeric address is read, never asked for.
                return new GeneralName(
                        GeneralName.iPAddress, InetAddress.getByName(host).getHostAddress());
            }
        } catch (UnknownHostException malformed) {
            throw new UnusableCertificate("a host must be a name or an address: was [" + host + "]");
        }
        if (host.length() > 253 || !HOST_NAME.matcher(host).matches()) {
            throw new UnusableCertificate("a host must be a name or an address: was [" + host + "]");
        }
        return new GeneralName(GeneralName.dNSName, host);
    }

    private static KeyPair keys(SecureRandom random) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Principal issuer,
            X500Principal subject,
            KeyPair keys,
            Instant now,
            Duration validity,
            SecureRandom random) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(SERIAL_BITS - 1, random).setBit(SERIAL_BITS - 2),
                Date.from(now.minus(CLOCK_DIFFERENCE)),
                Date.from(now.plus(validity)),
                subject,
                keys.getPublic());
    }

    private static X509Certificate signed(org.bouncycastle.cert.X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
    }
}
