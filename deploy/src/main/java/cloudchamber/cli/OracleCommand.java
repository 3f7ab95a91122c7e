package cloudchamber.cli;

import cloudchamber.cli.options.ServerOptions;
import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Progress;
import cloudchamber.models.LanguageFile;
import cloudchamber.models.Models;
import cloudchamber.models.Simulated;
import cloudchamber.node.ChildNode;
import cloudchamber.node.ClusterNode;
import cloudchamber.node.NodeOptions;
import cloudchamber.oracle.ExactLaw;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.wire.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a finite language through the whole stack, beside its exact law. */
@Command(
        name = "oracle",
        description = "Runs a finite language through the whole cluster and prints what came out beside the exact law.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "FILE is {\"kind\":\"hmm\",\"initial\":[…],\"transition\":[[…]],\"reward\":[…],\"steps\":T}, whose answers are",
            "state strings such as \"010\", or {\"kind\":\"tree\",\"nodes\":[{\"id\":\"A\",\"parent\":null,\"p\":0.5,",
            "\"reward\":0.6,\"final\":false},…]}, whose answers are paths such as \"A.A1\"."
        })
final class OracleCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The language, as JSON.")
    private Path file;

    @Option(names = "--target", paramLabel = "ID", defaultValue = "final", description = "Default: ${DEFAULT-VALUE}.")
    private String target;

    @Option(
            names = "--resampling",
            paramLabel = "ID",
            defaultValue = "systematic",
            description = "multinomial or systematic (default: ${DEFAULT-VALUE}).")
    private String resampling;

    @Option(
            names = "--ess-threshold",
            paramLabel = "K",
            defaultValue = "0.5",
            description = "Resample if K is 1 or the ESS is below K times the particles (default: ${DEFAULT-VALUE}).")
    private double essThreshold;

    @Option(names = "--particles", paramLabel = "N", defaultValue = "64", description = "Default: ${DEFAULT-VALUE}.")
    private int particles;

    @Option(
            names = "--runs",
            paramLabel = "R",
            defaultValue = "100",
            description = "Independent runs (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--processes",
            paramLabel = "P",
            defaultValue = "1",
            description = "Worker processes, each with both worker roles (default: ${DEFAULT-VALUE}).")
    private int processes;

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    @Mixin
    private ServerOptions server;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() throws InterruptedException {
        if (runs < 1 || processes < 1) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--runs and --processes must be at least 1: were " + runs + " and " + processes);
        }
        var exact = exactLaw();
        var model = Simulated.PREFIX + file.toAbsolutePath();
        var options = new NodeOptions(
                Set.of(Role.COORDINATOR),
                List.of(),
                List.of(),
                0,
                List.of(),
                OptionalInt.of(0),
                server.embeddedData(),
                server.database());
        var children = new ArrayList<ChildNode>();
        try (var node = ClusterNode.start(options, Models.standard())) {
            for (int child = 0; child < processes; child++) {
                children.add(ChildNode.start(
                        specification.root().userObject().getClass(),
                        List.of(
                                "--role",
                                "policy",
                                "--role",
                                "prm",
                                "--policy",
                                model,
                                "--prm",
                                model,
                                "--join",
                                "127.0.0.1:" + node.port()),
                        ChildNode.QUICK_START));
            }
            var api = node.api();
            awaitWorkers(api);
            report(run(api, model), exact, steps(api));
        } finally {
            children.forEach(ChildNode::close);
        }
        return ExitCode.OK;
    }

    private ExactLaw exactLaw() {
        var chosen = Arrays.stream(Target.values())
                .filter(known -> known.id().equals(target))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.USAGE,
                        "--target must be one of "
                                + Arrays.stream(Target.values()).map(Target::id).collect(Collectors.joining(", "))
                                + ": was " + target));
        try {
            return ExactLaw.of(LanguageFile.read(file).language(), chosen);
        } catch (IllegalArgumentException noLaw) {
            throw new CommandFailure(ExitCode.USAGE, noLaw.getMessage());
        }
    }

    /** Both roles of every process, so that the first round is already shared. */
    private void awaitWorkers(ApiClient api) throws InterruptedException {
        var deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (api.cluster().path("workers").size() < 2 * processes) {
            if (System.nanoTime() > deadline) {
                throw CommandFailure.unavailable(
                        "the workers of " + processes + " processes must join within 60 s: did not");
            }
            Thread.sleep(Duration.ofMillis(100));
        }
    }

    private List<JsonNode> run(ApiClient api, String model) throws InterruptedException {
        var job = ApiClient.JSON.createObjectNode();
        job.putObject("method")
                .put("id", "particle-filter")
                .put("particles", particles)
                .put("target", target)
                .put("resampling", resampling)
                .put("essThreshold", essThreshold);
        job.put("policy", model).put("prm", model).put("seed", seed).put("grader", "text");
        var problems = job.putArray("problems");
        for (int run = 1; run <= runs; run++) {
            problems.addObject().put("id", "r" + run).put("question", "run " + run);
        }
        var id = api.submit(job);
        try (var progress = Progress.of("runs", runs)) {
            api.await(id, progress::update);
        }
        var results = new ArrayList<JsonNode>();
        for (int run = 1; run <= runs; run++) {
            var result = api.problem(id, "r" + run);
            if (!result.path("status").asText().equals("succeeded")) {
                throw new CommandFailure(
                        ExitCode.FAILED,
                        "run " + run + " failed: " + result.path("failure").asText());
            }
            results.add(result);
        }
        return results;
    }

    private record Steps(List<String> roles, long completed) {}

    /** What each worker process did, by process id. */
    private static TreeMap<Long, Steps> steps(ApiClient api) {
        var steps = new TreeMap<Long, Steps>();
        for (var worker : api.cluster().path("workers")) {
            steps.merge(
                    worker.path("processId").asLong(),
                    new Steps(
                            List.of(worker.path("role").asText()),
                            worker.path("completed").asLong()),
                    (one, other) -> new Steps(
                            Stream.concat(one.roles().stream(), other.roles().stream())
                                    .sorted()
                                    .toList(),
                            one.completed() + other.completed()));
        }
        return steps;
    }

    private void report(List<JsonNode> results, ExactLaw exact, TreeMap<Long, Steps> steps) {
        var evidences = results.stream()
                .map(result -> StrictMath.exp(result.path("logEvidence").asDouble()))
                .toList();
        double mean = evidences.stream().mapToDouble(Double::doubleValue).sum() / runs;
        double squares = evidences.stream()
                .mapToDouble(evidence -> (evidence - mean) * (evidence - mean))
                .sum();
        var answers = new TreeMap<String, Double>();
        for (var result : results) {
            for (var weight : result.path("posterior")) {
                answers.merge(
                        weight.path("answer").asText(), weight.path("weight").asDouble() / runs, Double::sum);
            }
        }
        var report = ApiClient.JSON.createObjectNode();
        var list = report.putArray("evidences");
        evidences.forEach(list::add);
        report.put("meanEvidence", mean);
        report.put("seEvidence", runs > 1 ? Math.sqrt(squares / (runs - 1) / runs) : 0);
        report.put("exactEvidence", exact.evidence());
        var means = report.putObject("answers");
        answers.forEach(means::put);
        var exactMeans = report.putObject("exactAnswers");
        exact.answers().forEach(exactMeans::put);
        report.put("runs", runs).put("particles", particles).put("target", target);
        var lines = report.putArray("processes");
        steps.forEach((processId, done) -> {
            var line = lines.addObject().put("pid", processId);
            var roles = line.putArray("roles");
            done.roles().forEach(roles::add);
            line.put("steps", done.completed());
        });
        var out = specification.commandLine().getOut();
        if (json) {
            out.println(report);
        } else {
            print(out, report, exact);
        }
        out.flush();
    }

    private static void print(PrintWriter out, ObjectNode report, ExactLaw exact) {
        out.printf(
                Locale.ROOT,
                "evidence  %.6f ± %.6f  exact %.6f%n",
                report.path("meanEvidence").asDouble(),
                report.path("seEvidence").asDouble(),
                exact.evidence());
        exact.answers()
                .forEach((answer, weight) -> out.printf(
                        Locale.ROOT,
                        "%-20s  %.6f  exact %.6f%n",
                        answer,
                        report.path("answers").path(answer).asDouble(),
                        weight));
        out.println("processes " + report.path("processes"));
    }
}
