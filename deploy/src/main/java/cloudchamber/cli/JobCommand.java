package cloudchamber.cli;

import cloudchamber.cli.options.ServerAddress;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Progress;
import cloudchamber.console.Text;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows one job of a running server. */
@Command(
        name = "job",
        description = "Shows one job of a running server: how it stands, and its problems.",
        mixinStandardHelpOptions = true,
        subcommands = JobExportCommand.class,
        footer = {"", "Exit code 1 says that the job failed or was cancelled."})
final class JobCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "JOB", description = "The job's id.")
    private String id;

    @Option(names = "--wait", description = "Wait until the job is over.")
    private boolean wait;

    @Mixin
    private ServerAddress server;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() throws InterruptedException {
        if (id == null) {
            throw new ParameterException(specification.commandLine(), "a job's id must be given: was missing");
        }
        var api = server.api();
        var job = api.job(id);
        if (wait) {
            try (var progress = Progress.of(id, job.path("counts").path("total").asLong())) {
                job = api.await(id, progress::update);
            }
        }
        var out = specification.commandLine().getOut();
        if (server.json()) {
            out.println(job);
        } else {
            print(out, job, api.problems(id));
        }
        out.flush();
        var status = job.path("status").asText();
        return status.equals("failed") || status.equals("cancelled") ? ExitCode.FAILED : ExitCode.OK;
    }

    private static void print(PrintWriter out, JsonNode job, JsonNode problems) {
        var counts = job.path("counts");
        out.println(job.path("id").asText() + ": " + job.path("status").asText());
        out.println("method   " + job.path("method").path("id").asText() + ", "
                + job.path("method").path("particles").asText("1") + " particles");
        out.println("models   " + job.path("policy").asText() + ", "
                + job.path("prm").asText());
        out.println("accepted " + job.path("acceptedAt").asText() + ", ended "
                + job.path("endedAt").asText("not yet"));
        out.printf(
                Locale.ROOT,
                "problems %d: %d succeeded, %d failed, %d cancelled, %d running, %d queued%n",
                counts.path("total").asInt(),
                counts.path("succeeded").asInt(),
                counts.path("failed").asInt(),
                counts.path("cancelled").asInt(),
                counts.path("running").asInt(),
                counts.path("queued").asInt());
        for (var numericsClass : job.path("numericsClasses")) {
            out.println("served by " + numericsClass.asText());
        }
        for (var waiting : job.path("waiting")) {
            out.println("waits for " + waiting.path("for").asText() + " since "
                    + waiting.path("since").asText() + ": "
                    + Text.shown(waiting.path("reason").asText(), 200));
        }
        out.println();
        for (var problem : problems.path("problems")) {
            out.printf(
                    Locale.ROOT,
                    "%-10s %-12s %s%n",
                    problem.path("status").asText(),
                    Text.shown(problem.path("id").asText(), 12),
                    Text.shown(problem.path("question").asText(), 90));
        }
    }
}
