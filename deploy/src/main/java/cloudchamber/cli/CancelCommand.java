package cloudchamber.cli;

import cloudchamber.cli.options.ServerAddress;
import cloudchamber.console.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Cancels a job of a running server. */
@Command(
        name = "cancel",
        description = "Cancels a job of a running server. What has ended by then stays.",
        mixinStandardHelpOptions = true)
final class CancelCommand implements Callable<Integer> {
    @Parameters(paramLabel = "JOB", description = "The job's id.")
    private String id;

    @Mixin
    private ServerAddress server;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        var job = server.api().cancel(id);
        var out = specification.commandLine().getOut();
        out.println(
                server.json()
                        ? job
                        : job.path("id").asText() + ": " + job.path("status").asText());
        out.flush();
        return ExitCode.OK;
    }
}
