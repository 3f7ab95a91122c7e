package cloudchamber.cli.tls;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The certificate by which the nodes of one user on one machine know each other: an authority and a certificate for
 * each host, made when they are first needed, in a folder that nobody else may enter. A process of another user has
 * neither, and is no member.
 */
public final class OwnerCertificate {
    private static final String AUTHORITY_NAME = "cloudchamber nodes of one user";
    private static final String LOCK_FILE = "lock";
    private static final Duration AUTHORITY_VALIDITY = Duration.ofDays(7300);
    private static final Duration NODE_VALIDITY = Duration.ofDays(3650);
    /** A certificate that ends sooner is replaced at a start; a node may run as long. */
    private static final Duration LEAST_VALIDITY = Duration.ofDays(365);

    private OwnerCertificate() {}

    /**
     * The folder that {@link NodeCertificate} reads; made if there is none.
     *
     * @param folder of the user, such as {@code ~/.cloudchamber/cluster}
     * @param host the loopback address or name by which the node is reached
     * @throws IOException if the folder cannot be written
     * @throws UnusableCertificate if what stands there is broken
     */
    public static synchronized Path folder(Path folder, String host, Instant now, SecureRandom random)
            throws IOException {
        Pem.folder(folder);
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
        try (var channel =
                FileChannel.open(folder.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            // Several nodes may start at once; closing the file releases it.
            channel.lock();
            var authority = authority(folder, now, random);
            var node = folder.resolve(host.replaceAll("[^A-Za-z0-9.-]", "_"));
            if (!isGood(node, authority, now)) {
                authority.issue(List.of(host), node, now, NODE_VALIDITY, random);
            }
            return node;
        }
    }

    private static CertificateAuthority authority(Path folder, Instant now, SecureRandom random) throws IOException {
        if (Files.exists(folder.resolve(CertificateAuthority.CERTIFICATE_FILE))) {
            var authority = CertificateAuthority.open(folder);
            if (lasts(authority.certificate().getNotAfter().toInstant(), now.plus(NODE_VALIDITY))) {
                return authority;
            }
        }
        // What is there is of no use: it was not finished, or ends too soon.
        Files.deleteIfExists(folder.resolve(CertificateAuthority.CERTIFICATE_FILE));
        Files.deleteIfExists(folder.resolve(CertificateAuthority.KEY_FILE));
        return CertificateAuthority.init(folder, AUTHORITY_NAME, now, AUTHORITY_VALIDITY, random);
    }

    private static boolean isGood(Path node, CertificateAuthority authority, Instant now) {
        if (!Files.isDirectory(node)) {
            return false;
        }
        try {
            var certificate = NodeCertificate.read(node, now);
            return certificate.authority().equals(authority.certificate()) && lasts(certificate.end(), now);
        } catch (UnusableCertificate unfinished) {
            return false;
        }
    }

    private static boolean lasts(Instant end, Instant now) {
        return end.isAfter(now.plus(LEAST_VALIDITY));
    }
}
