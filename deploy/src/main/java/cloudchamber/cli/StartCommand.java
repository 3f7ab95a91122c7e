package cloudchamber.cli;

import cloudchamber.cli.options.HttpOptions;
import cloudchamber.cli.options.ServerOptions;
import cloudchamber.cli.tls.NodeCertificate;
import cloudchamber.cli.tls.UnusableCertificate;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.console.ProgramVersion;
import cloudchamber.models.Simulated;
import cloudchamber.node.ClusterNode;
import cloudchamber.node.Contacts;
import cloudchamber.node.EngineProcesses;
import cloudchamber.node.HealthServer;
import cloudchamber.node.HostNames;
import cloudchamber.node.NodeOptions;
import cloudchamber.node.OwnerCertificates;
import cloudchamber.protocol.wire.Role;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs one node of a cluster until it is stopped. */
@Command(
        name = "start",
        description = "Starts one node of a cluster and runs until it is stopped.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "One process with everything:      ./cloudchamber start",
            "A coordinator on a known port:    ./cloudchamber start --role coordinator --port 7355",
            "A policy worker that joins it:    ./cloudchamber start --role policy --join 127.0.0.1:7355",
            "A PRM worker that joins it:       ./cloudchamber start --role prm --join 127.0.0.1:7355",
            "Across machines:                  give both --host ITS-ADDRESS and --tls-directory DIR, the second also",
            "                                  --join FIRST:7355; ./cloudchamber certs makes DIR"
        })
final class StartCommand implements Callable<Integer> {
    /** Where the API answers unless told otherwise. */
    static final int HTTP_PORT = 8080;

    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    /** How long a process lives whose parent has ended. */
    private static final Duration ORPHAN_LIFE = Duration.ofMillis(500);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(8);
    /** A node that lived for so long comes back as fast as one that is declared down for the first time. */
    private static final Duration LONG_LIFE = Duration.ofMinutes(2);

    private static final Duration NAME_PATIENCE = Duration.ofSeconds(60);
    private static final Duration NAME_INTERVAL = Duration.ofSeconds(1);

    @Option(
            names = "--role",
            paramLabel = "R",
            description = "coordinator, policy or prm; may be repeated (default: all).")
    private List<String> roles = List.of();

    @Option(
            names = "--policy",
            paramLabel = "NAME",
            description = "A policy model to serve; may be repeated (default: bundled).")
    private List<String> policies = List.of("bundled");

    @Option(names = "--prm", paramLabel = "NAME", description = "A PRM to serve; may be repeated (default: bundled).")
    private List<String> prms = List.of("bundled");

    @Option(
            names = "--port",
            paramLabel = "P",
            defaultValue = "0",
            description = "The cluster's port (default: a free one, printed).")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = NodeOptions.LOOPBACK,
            description = "The address of the cluster's port, as the other nodes reach it (default: ${DEFAULT-VALUE}).")
    private String host;

    @Option(
            names = "--insecure-cluster",
            description = {
                "Open the cluster's port on an address that is no loopback address, without TLS: whoever reaches it",
                "is a member."
            })
    private boolean insecureCluster;

    @Option(
            names = "--tls-directory",
            paramLabel = "DIR",
            description = {
                "The node's certificate, as ./cloudchamber certs issue makes it: the cluster's port speaks TLS 1.3, and",
                "only nodes with a certificate of the same authority are members (default: the setting",
                "cloudchamber.cluster.tls-directory, or CLOUDCHAMBER_TLS_DIRECTORY; on loopback one that all nodes of",
                "this user have, made in ~/.cloudchamber/cluster)."
            })
    private Path tlsDirectory;

    @Option(
            names = "--join",
            paramLabel = "HOST:PORT",
            description = {
                "A coordinator of the cluster that a worker joins; may be repeated; a host name stands for all its",
                "addresses. Coordinators need none: they find each other in the database that they share."
            })
    private List<String> join = List.of();

    @Option(
            names = "--http-port",
            paramLabel = "H",
            defaultValue = "8080",
            description = "The API's port; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int httpPort;

    @Option(
            names = "--health-port",
            paramLabel = "P",
            description = {
                "A port that answers /livez and /readyz alone, whatever the API has to do; for every role. 0 takes a free",
                "one (default: none)."
            })
    private Integer healthPort;

    @Option(
            names = "--health-host",
            paramLabel = "ADDRESS",
            defaultValue = NodeOptions.LOOPBACK,
            description = "The address of the health port (default: ${DEFAULT-VALUE}).")
    private String healthHost;

    /** Whether the node stopped for good: started again it would make an empty database. */
    private boolean databaseLost;

    private final AtomicReference<ClusterNode> running = new AtomicReference<>();

    @Option(names = "--until-stdin-closes", hidden = true, description = "Stop when the parent process goes away.")
    private boolean untilStdinCloses;

    @Option(
            names = "--isolate-engines",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = {
                "Run the models of a node that coordinates in processes of their own, one each, so that the end of",
                "one costs a worker and never the coordinator (default: yes)."
            })
    private boolean isolatesEngines;

    @Mixin
    private HttpOptions http;

    @Mixin
    private ServerOptions server;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() throws InterruptedException {
        if (untilStdinCloses) {
            Thread.ofPlatform().daemon().name("parent").start(StartCommand::exitAtTheEndOfInput);
        }
        var certificate = certificate();
        checkContacts();
        var chosen = parsedRoles();
        boolean coordinates = chosen.contains(Role.COORDINATOR);
        if (!coordinates && join.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "a worker must have a cluster to join: --join was not given; name one or more coordinators, as in"
                            + " --join FIRST:7355");
        }
        checkHost(certificate);
        boolean isolates = coordinates && isolatesEngines;
        var kept = isolates ? rolesKept(chosen) : chosen;
        var options = new NodeOptions(
                kept,
                isolates ? simulated(policies) : policies,
                isolates ? simulated(prms) : prms,
                port,
                join,
                coordinates ? OptionalInt.of(httpPort) : OptionalInt.empty(),
                server.data(),
                server.database(),
                host,
                http.settings(),
                certificate);
        try (var health = health()) {
            if (health != null) {
                specification.commandLine().getOut().println("health: http://" + healthHost + ":" + health.port());
            }
            runForEver(options, chosen, isolates);
        }
        return ExitCode.OK;
    }

    /** Before the node starts, so that a supervisor sees it come up; null if none was asked for. */
    private HealthServer health() {
        if (healthPort == null) {
            return null;
        }
        try {
            return HealthServer.start(
                    healthHost,
                    healthPort,
                    () -> Optional.ofNullable(running.get())
                            .map(ClusterNode::trouble)
                            .orElseGet(HealthServer::starting));
        } catch (IOException | IllegalArgumentException taken) {
            throw CommandFailure.unavailable(
                    "the health port [" + healthHost + ":" + healthPort + "] must be free: " + taken.getMessage());
        }
    }

    /** Until the node is stopped: one that was declared down, or left its cluster, starts again. */
    private void runForEver(NodeOptions first, Set<Role> chosen, boolean isolates) throws InterruptedException {
        var options = first;
        var wait = FIRST_WAIT;
        for (boolean comesBack = false; ; comesBack = true) {
            long startedNanos = System.nanoTime();
            try {
                var downed = run(options, chosen, isolates);
                if (downed.isEmpty()) {
                    return;
                }
                options = downed.get();
                say("this node was declared down, or left its cluster; it starts again in " + wait.toSeconds() + " s");
            } catch (CommandFailure unavailable) {
                if (!comesBack || databaseLost || unavailable.exitCode() != ExitCode.UNAVAILABLE) {
                    throw unavailable;
                }
                // What it needs was there when it started first.
                say(unavailable.getMessage() + "; it starts again in " + wait.toSeconds() + " s");
            }
            if (System.nanoTime() - startedNanos > LONG_LIFE.toNanos()) {
                wait = FIRST_WAIT;
            }
            Thread.sleep(wait);
            wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
        }
    }

    private void say(String line) {
        specification.commandLine().getErr().println("cloudchamber: " + line);
    }

    /**
     * Runs the node until it is stopped; if it was declared down, says how it comes back.
     *
     * @throws CommandFailure if the cluster refuses it
     */
    private Optional<NodeOptions> run(NodeOptions options, Set<Role> chosen, boolean isolates)
            throws InterruptedException {
        boolean coordinates = chosen.contains(Role.COORDINATOR);
        try (var node = ClusterNode.start(options, server.models());
                var workers = EngineProcesses.start(
                        specification.root().userObject().getClass(),
                        isolates ? isolated(chosen, node.port()) : List.of())) {
            running.set(node);
            var out = specification.commandLine().getOut();
            out.println("roles: " + chosen.stream().map(Role::id).sorted().collect(Collectors.joining(", ")));
            out.println("cluster: " + node.address());
            if (coordinates) {
                out.println("http: " + node.url());
            }
            if (workers.count() > 0) {
                out.println("engines: " + workers.count() + " in processes of their own");
            }
            out.flush();
            node.awaitTermination();
            databaseLost = node.hasLostDatabase();
            node.requireDatabase(options);
            if (node.wasRefused()) {
                throw new CommandFailure(
                        ExitCode.UNAVAILABLE,
                        "the cluster refused this node: it runs another version than cloudchamber "
                                + ProgramVersion.CURRENT
                                + ", or has other cluster settings; stop all nodes, then start all with one version");
            }
            if (node.wasDowned()) {
                return Optional.of(options.joining(node.coordinatorsSeen()));
            }
        }
        return Optional.empty();
    }

    /** Where the node's certificate is: the option, else the setting. */
    private Optional<Path> tlsDirectory() {
        return Optional.ofNullable(tlsDirectory)
                .or(() -> Optional.of(ConfigFactory.load().getString("cloudchamber.cluster.tls-directory"))
                        .filter(configured -> !configured.isBlank())
                        .map(Path::of))
                .or(() -> isLoopback(host) ? OwnerCertificates.folder(host) : Optional.empty());
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException unknown) {
            return false;
        }
    }

    private Optional<NodeCertificate> certificate() {
        if (insecureCluster) {
            if (tlsDirectory != null) {
                throw new CommandFailure(
                        ExitCode.USAGE, "--tls-directory and --insecure-cluster must not be given together: were");
            }
            return Optional.empty();
        }
        try {
            var certificate = tlsDirectory().map(folder -> NodeCertificate.read(folder, Instant.now()));
            certificate.filter(read -> !read.isFor(host)).ifPresent(foreign -> {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--host must be one of the certificate's names " + foreign.hosts() + ": was " + host);
            });
            return certificate;
        } catch (UnusableCertificate unusable) {
            throw CommandFailure.unavailable(unusable.getMessage());
        }
    }

    private void checkHost(Optional<NodeCertificate> certificate) throws InterruptedException {
        var address = HostNames.await(host, NAME_PATIENCE, NAME_INTERVAL)
                .orElseThrow(() -> CommandFailure.unavailable("--host must be an address of this machine: [" + host
                        + "] was not known within " + NAME_PATIENCE.toSeconds() + " s"));
        if (address.isAnyLocalAddress()) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--host must be one address that the other nodes reach: was " + host);
        }
        if (address.isLoopbackAddress() || certificate.isPresent()) {
            return;
        }
        if (!insecureCluster) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--host must be a loopback address, for the cluster's port has no TLS: was " + host
                            + "; --tls-directory gives it TLS (see ./cloudchamber certs), --insecure-cluster opens"
                            + " it without, in a network that nobody else reaches");
        }
        say("warning: the cluster's port has no TLS: whoever reaches " + host + " is a member, sends and reads");
    }

    private void checkContacts() {
        join.stream().filter(contact -> !Contacts.valid(contact)).findFirst().ifPresent(bad -> {
            throw new CommandFailure(ExitCode.USAGE, "--join must be HOST:PORT: was " + bad);
        });
    }

    private Set<Role> parsedRoles() {
        if (roles.isEmpty()) {
            return EnumSet.allOf(Role.class);
        }
        return roles.stream()
                .map(name -> Role.byId(name)
                        .orElseThrow(() -> new CommandFailure(
                                ExitCode.USAGE, "--role must be one of " + Role.ids() + ": was " + name)))
                .collect(Collectors.toSet());
    }

    /** What this process does itself: to coordinate, and to simulate. */
    private Set<Role> rolesKept(Set<Role> chosen) {
        return chosen.stream()
                .filter(role -> switch (role) {
                    case COORDINATOR -> true;
                    case POLICY -> !simulated(policies).isEmpty();
                    case PRM -> !simulated(prms).isEmpty();
                })
                .collect(Collectors.toSet());
    }

    private static List<String> simulated(List<String> names) {
        return names.stream().filter(name -> name.startsWith(Simulated.PREFIX)).toList();
    }

    /** The workers for the models that an engine runs. */
    private List<List<String>> isolated(Set<Role> chosen, int clusterPort) {
        var workers = new ArrayList<List<String>>();
        for (var role : List.of(Role.POLICY, Role.PRM)) {
            var names = new ArrayList<>(role == Role.POLICY ? policies : prms);
            names.removeIf(name -> name.startsWith(Simulated.PREFIX));
            if (chosen.contains(role)) {
                names.forEach(name -> workers.add(worker(role, name, clusterPort)));
            }
        }
        return workers;
    }

    private List<String> worker(Role role, String model, int clusterPort) {
        var arguments = new ArrayList<>(List.of(
                "--role",
                role.id(),
                "--" + role.id(),
                model,
                "--join",
                host + ":" + clusterPort,
                "--host",
                host,
                "--data",
                server.data().toString()));
        if (insecureCluster) {
            arguments.add("--insecure-cluster");
        } else {
            tlsDirectory().ifPresent(folder -> arguments.addAll(List.of("--tls-directory", folder.toString())));
        }
        arguments.addAll(server.engine().arguments());
        return arguments;
    }

    private static void exitAtTheEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is said on this stream; only its end counts.
            }
        } catch (IOException closed) {
            // As good as its end.
        }
        // Nobody restarts what this process was to do; what it has of others' work is done again elsewhere.
        Thread.ofPlatform().daemon().name("orphan").start(() -> {
            LockSupport.parkNanos(ORPHAN_LIFE.toNanos());
            Runtime.getRuntime().halt(ExitCode.OK);
        });
        System.exit(ExitCode.OK);
    }
}
