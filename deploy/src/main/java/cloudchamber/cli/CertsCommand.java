package cloudchamber.cli;

import cloudchamber.cli.tls.CertificateAuthority;
import cloudchamber.cli.tls.NodeCertificate;
import cloudchamber.cli.tls.UnusableCertificate;
import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The certificates by which the nodes of a cluster know each other. */
@Command(
        name = "certs",
        description = "Makes the certificates by which the nodes of a cluster know each other.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Once, where the authority's key shall stay:   ./cloudchamber certs init",
            "For each machine, by the address others use:  ./cloudchamber certs issue 192.0.2.7 gpu1.example",
            "Copy certs/192.0.2.7 there, and start it:     ./cloudchamber start --host 192.0.2.7 --tls-directory DIR",
            "",
            "Whoever has a certificate of the authority is a member of the cluster."
        })
final class CertsCommand implements Runnable {
    @Spec
    private CommandSpec specification;

    /** What the commands that need the authority's key have in common. */
    private static final class Authority {
        @Option(
                names = "--directory",
                paramLabel = "DIR",
                defaultValue = "certs",
                description = "Where the authority is kept (default: ${DEFAULT-VALUE}).")
        private Path directory;

        @Option(
                names = "--days",
                paramLabel = "D",
                description = "How long the certificate lasts (default: 3650 for an authority, 365 for a node).")
        private Integer days;

        Duration validity(int standardDays) {
            int chosen = days == null ? standardDays : days;
            if (chosen < 1 || chosen > LONGEST_DAYS) {
                throw new CommandFailure(ExitCode.USAGE, "--days must be 1 to " + LONGEST_DAYS + ": was " + chosen);
            }
            return Duration.ofDays(chosen);
        }
    }

    private static final int LONGEST_DAYS = 36500;
    private static final int AUTHORITY_DAYS = 3650;
    private static final int NODE_DAYS = 365;

    @Override
    public void run() {
        throw new ParameterException(specification.commandLine(), "certs needs init, issue or show: see below");
    }

    @Command(
            name = "init",
            description = "Makes an authority: ca.crt, and ca.key, which only its owner may read.",
            mixinStandardHelpOptions = true)
    int init(@Mixin Authority kept, @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        var validity = kept.validity(AUTHORITY_DAYS);
        try {
            var authority = CertificateAuthority.init(
                    kept.directory, "cloudchamber cluster authority", now(), validity, new SecureRandom());
            var end = authority.certificate().getNotAfter().toInstant();
            print(
                    json
                            ? ApiClient.JSON
                                    .createObjectNode()
                                    .put("directory", kept.directory.toString())
                                    .put("end", end.toString())
                                    .toString()
                            : "the authority is in " + kept.directory + " and lasts until " + end
                                    + "; its key, ca.key, stays here");
            return ExitCode.OK;
        } catch (UnusableCertificate unusable) {
            throw new CommandFailure(ExitCode.USAGE, unusable.getMessage());
        } catch (IOException unwritable) {
            throw unwritable(kept.directory, unwritable);
        }
    }

    @Command(
            name = "issue",
            description = "Gives a node its certificate: a folder with tls.crt, tls.key and ca.crt.",
            mixinStandardHelpOptions = true)
    int issue(
            @Parameters(
                            paramLabel = "HOST",
                            arity = "1..*",
                            description = "The names and addresses by which other nodes reach it.")
                    List<String> hosts,
            @Mixin Authority kept,
            @Option(
                            names = "--output",
                            paramLabel = "DIR",
                            description =
                                    "The node's folder (default: one named by the first HOST, beside the authority).")
                    Path output,
            @Option(names = "--replace", description = "Replace the certificate that is there, to renew it.")
                    boolean replaces,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        var validity = kept.validity(NODE_DAYS);
        var folder = output != null
                ? output
                : kept.directory.resolve(hosts.getFirst().replaceAll("[^A-Za-z0-9.-]", "_"));
        if (!replaces && Files.exists(folder)) {
            throw new CommandFailure(
                    ExitCode.USAGE, "the folder [" + folder + "] must not be there yet: is; --replace writes into it");
        }
        try {
            CertificateAuthority.open(kept.directory).issue(hosts, folder, now(), validity, new SecureRandom());
            describe(folder, json);
            if (!json) {
                print("copy " + folder + " to that machine, and start it with --host " + hosts.getFirst()
                        + " --tls-directory and the copy");
            }
            return ExitCode.OK;
        } catch (UnusableCertificate unusable) {
            throw CommandFailure.unavailable(unusable.getMessage());
        } catch (IOException unwritable) {
            throw unwritable(folder, unwritable);
        }
    }

    @Command(
            name = "show",
            description = "Shows a node's certificate, or says why no node could work with it.",
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "DIR", description = "The node's folder.") Path folder,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        try {
            describe(folder, json);
            return ExitCode.OK;
        } catch (UnusableCertificate unusable) {
            throw CommandFailure.unavailable(unusable.getMessage());
        }
    }

    private void describe(Path folder, boolean json) {
        var certificate = NodeCertificate.read(folder, now());
        if (json) {
            var object = ApiClient.JSON.createObjectNode().put("directory", folder.toString());
            certificate.hosts().forEach(object.putArray("hosts")::add);
            print(object.put("end", certificate.end().toString())
                    .put(
                            "authority",
                            certificate.authority().getSubjectX500Principal().getName())
                    .toString());
        } else {
            print(folder + ": for " + String.join(", ", certificate.hosts()) + ", until " + certificate.end());
        }
    }

    private void print(String line) {
        var out = specification.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }

    private static CommandFailure unwritable(Path folder, IOException unwritable) {
        return CommandFailure.unavailable("the folder [" + folder + "] must be writable: " + unwritable);
    }
}
