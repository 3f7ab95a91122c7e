package cloudchamber.cli;

import cloudchamber.cli.options.ServerAddress;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Text;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The workers of a running cluster. */
@Command(
        name = "workers",
        description = "Lists the workers of a running cluster, and drains them.",
        mixinStandardHelpOptions = true)
final class WorkersCommand implements Callable<Integer> {
    @Mixin
    private ServerAddress server;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        var workers = server.api().get("/api/v1/workers");
        var out = specification.commandLine().getOut();
        if (server.json()) {
            out.println(workers);
        } else {
            out.printf(
                    "%-46s %-7s %-20s %5s %7s %9s  %s%n",
                    "worker", "role", "model", "slots", "running", "completed", "");
            for (var worker : workers.path("workers")) {
                out.printf(
                        Locale.ROOT,
                        "%-46s %-7s %-20s %5d %7d %9d  %s%n",
                        Text.shown(worker.path("workerId").asText(), 46),
                        worker.path("role").asText(),
                        Text.shown(worker.path("model").asText(), 20),
                        worker.path("slots").asInt(),
                        worker.path("running").asInt(),
                        worker.path("completed").asLong(),
                        state(worker));
            }
        }
        out.flush();
        return ExitCode.OK;
    }

    private static String state(JsonNode worker) {
        var state = worker.path("silent").asBoolean()
                ? "silent"
                : worker.path("draining").asBoolean() ? "draining" : "";
        var error = worker.path("lastError").asText("");
        return worker.path("lastError").isNull() ? state : state + " " + Text.shown(error, 60);
    }

    @Command(
            name = "drain",
            description = "Has a worker finish what it runs, take nothing new and stop.",
            mixinStandardHelpOptions = true)
    int drain(
            @Parameters(paramLabel = "WORKER", description = "The worker's id.") String worker,
            @Mixin ServerAddress address) {
        var drained = address.api().drain(worker);
        var out = specification.commandLine().getOut();
        out.println(
                address.json()
                        ? drained
                        : drained.path("workerId").asText() + " was told to stop; it runs "
                                + drained.path("running").asInt() + " requests");
        out.flush();
        return ExitCode.OK;
    }
}
