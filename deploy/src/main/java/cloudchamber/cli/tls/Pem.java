package cloudchamber.cli.tls;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** Certificates and keys as text. */
final class Pem {
    private Pem() {}

    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    /** The certificates of a file, in its order; at least one. */
    static List<X509Certificate> certificates(Path file) {
        var certificates = new ArrayList<X509Certificate>();
        for (var entry : entries(file)) {
            if (entry instanceof X509CertificateHolder holder) {
                try {
                    certificates.add(new JcaX509CertificateConverter().getCertificate(holder));
                } catch (CertificateException malformed) {
                    throw new UnusableCertificate(
                            "[" + file + "] must hold certificates as PEM: " + malformed.getMessage());
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new UnusableCertificate("[" + file + "] must hold a certificate as PEM: holds none");
        }
        return certificates;
    }

    /** The private key of a file: PKCS #8, PKCS #1 or SEC 1, not encrypted. */
    static PrivateKey key(Path file) {
        try {
            for (var entry : entries(file)) {
                if (entry instanceof PrivateKeyInfo key) {
                    return new JcaPEMKeyConverter().getPrivateKey(key);
                } else if (entry instanceof PEMKeyPair pair) {
                    return new JcaPEMKeyConverter().getKeyPair(pair).getPrivate();
                }
            }
        } catch (IOException malformed) {
            throw new UnusableCertificate("[" + file + "] must hold a private key as PEM: " + malformed.getMessage());
        }
        throw new UnusableCertificate("[" + file + "] must hold a private key as PEM, not encrypted: holds none");
    }

    private static List<Object> entries(Path file) {
        try (var parser = new PEMParser(new StringReader(Files.readString(file, StandardCharsets.US_ASCII)))) {
            var entries = new ArrayList<>();
            for (var entry = parser.readObject(); entry != null; entry = parser.readObject()) {
                entries.add(entry);
            }
            return entries;
        } catch (NoSuchFileException missing) {
            throw new UnusableCertificate("[" + file + "] must be there: is not");
        } catch (IOException unreadable) {
            throw new UnusableCertificate("[" + file + "] must be readable PEM: " + unreadable.getMessage());
        }
    }

    static String text(Stream<X509Certificate> certificates) {
        var text = new StringBuilder();
        certificates.forEach(certificate -> {
            try {
                text.append(block("CERTIFICATE", certificate.getEncoded()));
            } catch (CertificateException impossible) {
                throw new IllegalStateException(impossible);
            }
        });
        return text.toString();
    }

    static String text(PrivateKey key) {
        return block("PRIVATE KEY", key.getEncoded());
    }

    private static String block(String label, byte[] content) {
        return "-----BEGIN " + label + "-----\n" + LINES.encodeToString(content) + "\n-----END " + label + "-----\n";
    }

    /** Writes a file that others may read. */
    static void write(Path file, String text) throws IOException {
        write(file, text, "rw-r--r--");
    }

    /** Writes a file that only its owner may read, from its first byte on. */
    static void writeSecret(Path file, String text) throws IOException {
        write(file, text, "rw-------");
    }

    /** Whole or not at all: beside the file first, then in its place. */
    private static void write(Path file, String text, String permissions) throws IOException {
        var beside = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(beside);
        try (var channel = Files.newByteChannel(
                beside,
                EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                owned(file, permissions))) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
        Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Makes a folder that only its owner may enter, unless it is there. */
    static void folder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            if (folder.toAbsolutePath().getParent() != null) {
                Files.createDirectories(folder.toAbsolutePath().getParent());
            }
            Files.createDirectory(folder, owned(folder, "rwx------"));
        }
    }

    private static FileAttribute<?>[] owned(Path path, String permissions) {
        Set<String> views = path.getFileSystem().supportedFileAttributeViews();
        return views.contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
