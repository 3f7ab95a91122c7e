package cloudchamber.cli;

import cloudchamber.cli.options.ServerAddress;
import cloudchamber.console.ExitCode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The jobs of a running server. */
@Command(
        name = "jobs",
        description = "Lists the jobs of a running server, page by page.",
        mixinStandardHelpOptions = true)
final class JobsCommand implements Callable<Integer> {
    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "Jobs on a page (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(names = "--after", paramLabel = "JOB", description = "The page after this job.")
    private String after;

    @Mixin
    private ServerAddress server;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        var page = server.api()
                .get("/api/v1/jobs?limit=" + limit
                        + (after == null ? "" : "&after=" + URLEncoder.encode(after, StandardCharsets.UTF_8)));
        var out = specification.commandLine().getOut();
        if (server.json()) {
            out.println(page);
        } else {
            for (var job : page.path("jobs")) {
                var counts = job.path("counts");
                out.printf(
                        Locale.ROOT,
                        "%-42s %-10s %6d of %-6d %-22s %s%n",
                        job.path("id").asText(),
                        job.path("status").asText(),
                        counts.path("succeeded").asInt()
                                + counts.path("failed").asInt()
                                + counts.path("cancelled").asInt(),
                        counts.path("total").asInt(),
                        job.path("method").path("id").asText(),
                        job.path("acceptedAt").asText());
            }
            if (page.path("hasMore").asBoolean()) {
                out.println("more: --after " + page.path("lastId").asText());
            }
        }
        out.flush();
        return ExitCode.OK;
    }
}
