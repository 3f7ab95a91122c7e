package cloudchamber.node;

import cloudchamber.cli.tls.NodeCertificate;
import cloudchamber.cli.tls.OwnerCertificate;
import cloudchamber.cli.tls.UnusableCertificate;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.Home;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;

/** What nodes on the loopback address prove with that they are of this user. */
public final class OwnerCertificates {
    /** Where nodes of one user find each other. */
    static final String LOOPBACK = "127.0.0.1";

    private static final String SETTING = "cloudchamber.cluster.loopback-tls";

    private OwnerCertificates() {}

    /** The certificate of a node that runs for one command; empty if the setting switches it off. */
    public static Optional<NodeCertificate> loopback() {
        return folder(LOOPBACK).map(folder -> NodeCertificate.read(folder, Instant.now()));
    }

    /**
     * The folder with the certificate for a loopback address; empty if the setting switches it off.
     *
     * @throws CommandFailure if it cannot be made
     */
    public static Optional<Path> folder(String host) {
        if (!ConfigFactory.load().getBoolean(SETTING)) {
            return Optional.empty();
        }
        var folder = Home.cluster();
        try {
            return Optional.of(OwnerCertificate.folder(folder, host, now(), new SecureRandom()));
        } catch (IOException unwritable) {
            throw CommandFailure.unavailable(
                    "the folder [" + folder + "], which keeps other users out of the cluster, must" + " be writable: "
                            + unwritable + "; set HOME to a folder that is");
        } catch (UnusableCertificate unusable) {
            throw CommandFailure.unavailable(unusable.getMessage());
        }
    }

    private static Instant now() {
        return Instant.ofEpochSecond(Instant.now().getEpochSecond());
    }
}
