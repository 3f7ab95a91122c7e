package cloudchamber.cli;

import cloudchamber.cli.options.JobOptions;
import cloudchamber.cli.options.ServerOptions;
import cloudchamber.client.ApiClient;
import cloudchamber.client.LocalDataSets;
import cloudchamber.client.ProblemFile;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Home;
import cloudchamber.console.Progress;
import cloudchamber.console.Text;
import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.report.Interval;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.node.ClusterNode;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Solves problems with one particle and with many, side by side. */
@Command(
        name = "demo",
        description = "Solves the bundled problems with one particle and with a particle filter, side by side.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "A whole cluster runs in this process: real models, real HTTP. With --problems it solves yours",
            "(JSON lines with question and answer), here with a pretrained model as policy and as judge:",
            "  ./cloudchamber demo --once --problems deploy/examples/gsm8k-10.jsonl --policy smollm2-135m \\",
            "    --prm judge:smollm2-135m --particles 4 --max-steps 8 --max-step-tokens 96 --no-pass-at-1 --show-steps"
        })
final class DemoCommand implements Callable<Integer> {
    private static final int PASS_AT_ONE_RUNS = 16;

    @Option(names = "--once", description = "Stop afterwards; without it the server stays up.")
    private boolean once;

    @Option(names = "--problems", paramLabel = "FILE", description = "Your own problems (default: 20 bundled ones).")
    private Path problems;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "1000", description = "The most problems taken.")
    private int limit;

    @Option(names = "--no-pass-at-1", description = "Leave out the one-particle runs.")
    private boolean noPassAtOne;

    @Option(names = "--show-steps", description = "Print every particle's steps and scores.")
    private boolean showSteps;

    @Mixin
    private JobOptions job;

    @Mixin
    private ServerOptions server;

    @Spec
    private CommandSpec specification;

    private DataSet set;

    /** How one problem went. */
    private record Row(ProblemFile.Line line, Optional<Double> passAtOne, JsonNode filtered, boolean right) {}

    @Override
    public Integer call() throws InterruptedException {
        set = LocalDataSets.at(problems == null ? Home.bundledModels().resolve("problems.jsonl") : problems)
                .read(null);
        var lines = ProblemFile.lines(set, limit);
        var out = specification.commandLine().getOut();
        try (var node = ClusterNode.start(
                server.everything(List.of(job.policy()), List.of(job.prm()), once ? 0 : StartCommand.HTTP_PORT),
                server.models())) {
            var api = node.api();
            var rows = run(api, lines);
            print(out, rows);
            int exitCode = verdict(out, api, rows);
            out.flush();
            if (!once) {
                out.println("the server stays up at " + node.url() + " (Ctrl-C stops it)");
                out.flush();
                node.awaitTermination();
            }
            return exitCode;
        }
    }

    private List<Row> run(ApiClient api, List<ProblemFile.Line> lines) throws InterruptedException {
        var filter = asked(job.job());
        var one = asked(job.job(1));
        var filterProblems = filter.putArray("problems");
        var oneProblems = one.putArray("problems");
        for (var line : lines) {
            filterProblems.addObject().put("id", line.id()).put("question", line.question());
            for (int run = 1; run <= PASS_AT_ONE_RUNS; run++) {
                oneProblems.addObject().put("id", line.id() + "." + run).put("question", line.question());
            }
        }
        var filterId = api.submit(filter);
        var oneId = noPassAtOne ? Optional.<String>empty() : Optional.of(api.submit(one));
        try (var progress = Progress.of("particle filter", lines.size())) {
            api.await(filterId, progress::update);
        }
        if (oneId.isPresent()) {
            try (var progress = Progress.of("one particle", (long) lines.size() * PASS_AT_ONE_RUNS)) {
                api.await(oneId.get(), progress::update);
            }
        }
        var rows = new ArrayList<Row>();
        for (var line : lines) {
            var filtered = api.problem(filterId, line.id());
            rows.add(new Row(line, oneId.map(id -> passAtOne(api, id, line)), filtered, right(filtered, line)));
        }
        return rows;
    }

    /** The job with the set's grader and what is said of it. */
    private ObjectNode asked(ObjectNode asked) {
        asked.put("grader", set.grader());
        ObjectNode extraction = asked.set("extraction", Json.tree(set.extraction()));
        ((ObjectNode) extraction.path("extraction")).remove("rules");
        if (set.systemPrompt() != null && !asked.has("systemPrompt")) {
            asked.put("systemPrompt", set.systemPrompt());
        }
        return asked;
    }

    private double passAtOne(ApiClient api, String id, ProblemFile.Line line) {
        int right = 0;
        for (int run = 1; run <= PASS_AT_ONE_RUNS; run++) {
            var solved = api.problem(id, line.id() + "." + run);
            requireSucceeded(solved);
            right += right(solved, line) ? 1 : 0;
        }
        return (double) right / PASS_AT_ONE_RUNS;
    }

    private boolean right(JsonNode solved, ProblemFile.Line line) {
        return solved.path("answer").isTextual()
                && set.foundBy().correct(solved.path("answer").asText(), line.answer());
    }

    private static void requireSucceeded(JsonNode solved) {
        if (!solved.path("status").asText().equals("succeeded")) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "problem " + solved.path("id").asText() + " "
                            + solved.path("status").asText() + ": "
                            + solved.path("failure").asText());
        }
    }

    private void print(PrintWriter out, List<Row> rows) {
        int width = Math.min(
                60,
                rows.stream()
                        .mapToInt(row -> row.line().question().length())
                        .max()
                        .orElse(8));
        String format = "%-8s  %-" + width + "s  %10s  %10s  %6s  %s%n";
        out.printf(format, "problem", "question", "right", "answer", "weight", noPassAtOne ? "" : "pass@1");
        for (var row : rows) {
            var question = row.line().question().replace('\n', ' ');
            var answer = row.filtered().path("answer");
            out.printf(
                    Locale.ROOT,
                    format,
                    row.line().id(),
                    question.length() > width ? question.substring(0, width - 1) + "…" : question,
                    row.line().answer(),
                    (row.right() ? "" : "✗ ") + (answer.isTextual() ? Text.shown(answer.asText(), 40) : "none"),
                    String.format(Locale.ROOT, "%.2f", weight(row.filtered())),
                    row.passAtOne()
                            .map(mean -> String.format(Locale.ROOT, "%.2f", mean))
                            .orElse(""));
            if (showSteps) {
                printSteps(out, row.filtered());
            }
        }
        out.println();
    }

    private static double weight(JsonNode solved) {
        for (var weight : solved.path("posterior")) {
            if (weight.path("answer").equals(solved.path("answer"))) {
                return weight.path("weight").asDouble();
            }
        }
        return 0;
    }

    private static void printSteps(PrintWriter out, JsonNode solved) {
        int number = 1;
        for (var particle : solved.path("particles")) {
            out.printf(
                    Locale.ROOT,
                    "    particle %d, weight %.3f, answer %s%n",
                    number++,
                    particle.path("weight").asDouble(),
                    particle.path("answer").asText("none"));
            for (var step : particle.path("steps")) {
                out.printf(
                        Locale.ROOT,
                        "      %+6.2f %-9s %s%n",
                        step.path("logOdds").asDouble(),
                        step.path("end").asText(),
                        Text.lines(step.path("text").asText(), "                       "));
            }
        }
    }

    private int verdict(PrintWriter out, ApiClient api, List<Row> rows) {
        rows.forEach(row -> requireSucceeded(row.filtered()));
        int right = (int) rows.stream().filter(Row::right).count();
        if (!noPassAtOne && rows.size() > 1) {
            print(
                    out,
                    "pass@1",
                    Interval.ofClusterMeans(rows.stream()
                            .map(row -> row.passAtOne().orElseThrow())
                            .toList()),
                    PASS_AT_ONE_RUNS + " one-particle runs a problem");
        }
        print(out, "particle filter", Interval.wilson(right, rows.size()), job.particles() + " particles");
        return problems == null && !noPassAtOne && job.isStandard() ? compare(out, api, rows, right) : ExitCode.OK;
    }

    private static void print(PrintWriter out, String name, Interval interval, String how) {
        out.printf(
                Locale.ROOT,
                "%-16s %.3f  [%.3f, %.3f]  %s%n",
                name,
                interval.estimate(),
                interval.low(),
                interval.high(),
                how);
    }

    /** Holds the figures against the published ones, where equal bits can be expected. */
    private int compare(PrintWriter out, ApiClient api, List<Row> rows, int right) {
        var published = DemoFigures.published();
        int passAtOne = (int) Math.round(rows.stream()
                .mapToDouble(row -> row.passAtOne().orElseThrow() * PASS_AT_ONE_RUNS)
                .sum());
        var seen = new DemoFigures(
                numericsClass(api, "policy"),
                numericsClass(api, "prm"),
                rows.size(),
                passAtOne,
                rows.size() * PASS_AT_ONE_RUNS,
                right);
        if (seen.equals(published)) {
            out.println("as published in the README");
            return ExitCode.OK;
        }
        out.println("published: " + published + "; here: " + seen);
        if (seen.comparableWith(published)) {
            out.println("the figures differ on the numerics class they were published for: something is broken");
            return ExitCode.FAILED;
        }
        out.println("this machine has another numerics class: [" + seen.policyClass() + "] and [" + seen.prmClass()
                + "] instead of [" + published.policyClass() + "] and [" + published.prmClass() + "]");
        return ExitCode.OK;
    }

    private static String numericsClass(ApiClient api, String role) {
        for (var worker : api.cluster().path("workers")) {
            if (worker.path("role").asText().equals(role)) {
                return worker.path("numericsClass").asText();
            }
        }
        return "";
    }
}
