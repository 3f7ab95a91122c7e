package cloudchamber.cli;

import cloudchamber.protocol.Role;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
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
            "A PRM worker that joins it:       ./cloudchamber start --role prm --join 127.0.0.1:7355"
        })
final class StartCommand implements Callable<Integer> {
    /** Where the API answers unless told otherwise. */
    static final int HTTP_PORT = 8080;

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
            description = "The cluster's port on 127.0.0.1 (default: a free one, printed).")
    private int port;

    @Option(
            names = "--join",
            paramLabel = "HOST:PORT",
            description = "A node of the cluster to join; may be repeated (default: start a new cluster).")
    private List<String> join = List.of();

    @Option(
            names = "--http-port",
            paramLabel = "H",
            defaultValue = "8080",
            description = "The API's port on 127.0.0.1; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int httpPort;

    @Option(names = "--until-stdin-closes", hidden = true, description = "Stop when the parent process goes away.")
    private boolean untilStdinCloses;

    @Mixin
    private ServerOptions server;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() throws InterruptedException {
        var chosen = parsedRoles();
        boolean coordinates = chosen.contains(Role.COORDINATOR);
        var options = new NodeOptions(
                chosen,
                policies,
                prms,
                port,
                join,
                coordinates ? OptionalInt.of(httpPort) : OptionalInt.empty(),
                server.data(),
                server.database());
        try (var node = ClusterNode.start(options, Models.standard())) {
            var out = specification.commandLine().getOut();
            out.println("roles: " + chosen.stream().map(Role::id).sorted().collect(Collectors.joining(", ")));
            out.println("cluster: 127.0.0.1:" + node.port());
            if (coordinates) {
                out.println("http: " + node.url());
            }
            out.flush();
            if (untilStdinCloses) {
                awaitEndOfInput();
            } else {
                node.awaitTermination();
            }
        }
        return ExitCode.OK;
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

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is said on this stream; only its end counts.
            }
        } catch (IOException closed) {
            return;
        }
    }
}
