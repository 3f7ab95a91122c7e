package cloudchamber.cli;

import cloudchamber.cli.options.ServerAddress;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Text;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The nodes of a running cluster. */
@Command(
        name = "cluster",
        description = "Shows the nodes of a running cluster, and what work waits.",
        mixinStandardHelpOptions = true)
final class ClusterCommand implements Callable<Integer> {
    @Mixin
    private ServerAddress server;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        var cluster = server.api().cluster();
        var out = specification.commandLine().getOut();
        if (server.json()) {
            out.println(cluster);
        } else {
            for (var member : cluster.path("members")) {
                out.printf(
                        Locale.ROOT,
                        "%-12s %-45s %s%n",
                        member.path("reachable").asBoolean()
                                ? member.path("status").asText()
                                : "unreachable",
                        member.path("address").asText(),
                        StreamSupport.stream(member.path("roles").spliterator(), false)
                                .map(role -> role.asText())
                                .collect(Collectors.joining(", ")));
            }
            out.println(cluster.path("workers").size() + " workers");
            for (var waiting : cluster.path("waiting")) {
                out.println(waiting.path("works").asInt() + " pieces of work wait for "
                        + waiting.path("role").asText() + " "
                        + Text.shown(waiting.path("model").asText(), 60));
            }
        }
        out.flush();
        return ExitCode.OK;
    }
}
