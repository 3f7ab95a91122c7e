package cloudchamber.cli;

import cloudchamber.cli.options.Credentials;
import cloudchamber.cli.options.JobOptions;
import cloudchamber.cli.options.ServerOptions;
import cloudchamber.client.ApiClient;
import cloudchamber.console.ExitCode;
import cloudchamber.console.LiveView;
import cloudchamber.console.Text;
import cloudchamber.node.ClusterNode;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Solves one problem and shows how. */
@Command(
        name = "solve",
        description = "Solves one problem: the answer, the posterior over answers, and the best particle's steps.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Without --url an embedded server runs for as long as the problem takes. With --json one object is",
            "printed: answer, posterior, logEvidence, rounds, particles, cost. It is the object of",
            "GET /api/v1/jobs/{id}/problems/p1."
        })
final class SolveCommand implements Callable<Integer> {
    private static final String PROBLEM = "p1";

    @Parameters(paramLabel = "TEXT", description = "The question.")
    private String question;

    @Option(names = "--url", paramLabel = "URL", description = "Ask a running server, such as http://127.0.0.1:8080.")
    private String url;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @Mixin
    private Credentials credentials;

    @Mixin
    private JobOptions job;

    @Mixin
    private ServerOptions server;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() throws InterruptedException {
        if (url != null) {
            return solve(credentials.of(url));
        }
        try (var node =
                ClusterNode.start(server.everything(List.of(job.policy()), List.of(job.prm()), 0), server.models())) {
            return solve(node.api());
        }
    }

    private int solve(ApiClient api) throws InterruptedException {
        var request = job.job();
        request.putArray("problems").addObject().put("id", PROBLEM).put("question", question);
        var id = api.submit(request);
        if (LiveView.possible()) {
            try (var view = LiveView.on(specification.commandLine().getErr())) {
                api.follow(id, PROBLEM, view::show);
            }
        }
        api.await(id, job -> {});
        var solved = api.problem(id, PROBLEM);
        var out = specification.commandLine().getOut();
        if (json) {
            out.println(solved);
        } else {
            print(out, solved);
        }
        out.flush();
        if (solved.path("status").asText().equals("succeeded")) {
            return ExitCode.OK;
        }
        specification
                .commandLine()
                .getErr()
                .println("cloudchamber: " + solved.path("failure").asText("failed"));
        return ExitCode.FAILED;
    }

    private static void print(PrintWriter out, JsonNode solved) {
        heaviest(solved).ifPresent(particle -> {
            out.println("heaviest particle with the answer:");
            for (var step : particle.path("steps")) {
                out.printf(
                        Locale.ROOT,
                        "  %+7.2f  %s%n",
                        step.path("logOdds").asDouble(),
                        Text.lines(step.path("text").asText(), "           "));
            }
            out.println();
        });
        out.println("posterior:");
        for (var weight : solved.path("posterior")) {
            out.printf(
                    Locale.ROOT,
                    "  %6.3f  %s%n",
                    weight.path("weight").asDouble(),
                    weight.path("answer").isNull()
                            ? "(no answer)"
                            : Text.lines(weight.path("answer").asText(), ""));
        }
        out.println();
        out.println("answer: "
                + (solved.path("answer").isNull()
                        ? "(none)"
                        : Text.lines(solved.path("answer").asText(), "")));
    }

    private static Optional<JsonNode> heaviest(JsonNode solved) {
        return StreamSupport.stream(solved.path("particles").spliterator(), false)
                .filter(particle -> particle.path("answer").equals(solved.path("answer")))
                .max(Comparator.comparingDouble(
                        particle -> particle.path("weight").asDouble()));
    }
}
