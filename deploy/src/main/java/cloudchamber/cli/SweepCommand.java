package cloudchamber.cli;

import cloudchamber.cli.options.Credentials;
import cloudchamber.cli.options.ServerOptions;
import cloudchamber.client.ApiClient;
import cloudchamber.client.DataSetSource;
import cloudchamber.client.Estimate;
import cloudchamber.client.LocalDataSets;
import cloudchamber.client.LocatedFile;
import cloudchamber.client.Manifest;
import cloudchamber.client.SlotTime;
import cloudchamber.client.SweepFollower;
import cloudchamber.client.SweepLines;
import cloudchamber.client.SweepPlots;
import cloudchamber.client.SweepReportFiles;
import cloudchamber.client.SweepResults;
import cloudchamber.client.SweepTables;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Home;
import cloudchamber.coordinator.http.sweeps.SweepRequest;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.report.Summary;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.SweepSpecification;
import cloudchamber.models.Models;
import cloudchamber.node.ClusterNode;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a grid of methods, budgets and models over data sets, and says how accurate each is at what cost. */
@Command(
        name = "sweep",
        description = "Runs a grid of methods, budgets and models over data sets; writes results, tables and plots.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Try it:   ./cloudchamber sweep deploy/examples/bundled-small.yaml",
            "",
            "The folder of --out gets manifest.json, results.jsonl (one line for each problem and cell, appended),",
            "summary.json, summary.csv, results_*.json in the shape of lm-evaluation-harness, and plots/ (SVG, PNG).",
            "The same command again goes on where it was stopped, however it was stopped, and adds new cells of the",
            "file. Without --url a server runs in this process, with its journal in the folder OUT/server."
        })
final class SweepCommand implements Callable<Integer> {
    private static final long MANY_GENERATIONS = 200_000;
    private static final double MANY_HOURS = 2;
    private static final int ID_LENGTH = 18;
    private static final List<String> FIELDS = List.of("id", "question", "answer");

    @Parameters(paramLabel = "FILE", description = "The sweep, in YAML or JSON; see deploy/examples.")
    private Path file;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where results go (default: results/ and the file's name).")
    private Path out;

    @Option(names = "--url", paramLabel = "URL", description = "Run on this server, such as http://127.0.0.1:8080.")
    private String url;

    @Option(
            names = "--dry-run",
            description = "Print cells, generations, tokens, hours at measured rates, and disk; run nothing.")
    private boolean dryRun;

    @Option(names = "--validate", description = "Say what is wrong with the file, by line; run nothing.")
    private boolean validate;

    @Option(names = "--retry-failed", description = "Try the problems again that failed before.")
    private boolean retryFailed;

    @Option(names = "--yes", description = "Do not ask before a large sweep.")
    private boolean yes;

    @Option(names = "--json", description = "Print summary.json instead of tables.")
    private boolean json;

    @Mixin
    private Credentials credentials;

    @Mixin
    private ServerOptions server;

    @Spec
    private CommandSpec specification;

    private LocatedFile located;
    private final Map<String, DataSetSource> sources = new LinkedHashMap<>();

    @Override
    public Integer call() throws InterruptedException {
        located = LocatedFile.read(file);
        var request = resolved(located.content());
        if (out == null) {
            out = Path.of("results", file.getFileName().toString().replaceFirst("\\.[A-Za-z]+$", ""));
        }
        var manifest = Manifest.at(out);
        request.put(
                "id",
                manifest.map(known -> known.path("id").asText())
                        .orElse("sweep-" + UUID.randomUUID().toString().substring(0, ID_LENGTH)));
        var api = url == null ? Optional.<ApiClient>empty() : Optional.of(credentials.of(url));
        var planned = planned(request, api);
        if (validate) {
            print().println(file + " is a sweep of " + planned.plan().cells().size() + " cells");
            return ExitCode.OK;
        }
        var estimate = Estimate.of(planned, out);
        if (dryRun) {
            estimate.print(print(), planned);
            return ExitCode.OK;
        }
        if (!yes) {
            confirm(estimate);
        }
        Home.writable(out);
        if (api.isPresent()) {
            return run(api.get(), request, planned);
        }
        try (var node = ClusterNode.start(
                server.everythingIn(
                        out.resolve("server"), texts(request.path("policies")), texts(request.path("prms"))),
                Models.standard())) {
            return run(node.api(), request, planned);
        }
    }

    private PrintWriter print() {
        return specification.commandLine().getOut();
    }

    private static List<String> texts(JsonNode names) {
        var texts = new ArrayList<String>();
        names.forEach(name -> texts.add(name.asText()));
        return texts.isEmpty() ? List.of("bundled") : texts;
    }

    // ---- the file

    /** The file with its data sets called by name; those in files are remembered. */
    private ObjectNode resolved(JsonNode content) {
        if (!content.isObject()) {
            throw new CommandFailure(ExitCode.USAGE, file + ":1 must hold an object: holds another value");
        }
        ObjectNode request = content.deepCopy();
        if (!request.has("name")) {
            request.put("name", file.getFileName().toString().replaceFirst("\\.[A-Za-z]+$", ""));
        }
        int index = 0;
        for (var entry : request.path("dataSets")) {
            if (entry instanceof ObjectNode fields && fields.path("path").isTextual()) {
                var source = LocalDataSets.at(beside(fields.path("path").asText()));
                if (!Files.isRegularFile(source.file())) {
                    throw new CommandFailure(
                            ExitCode.USAGE,
                            file + ":" + located.line("/dataSets/" + index + "/path") + " dataSets[" + index
                                    + "].path must be a file: was " + source.file());
                }
                sources.put(source.name(), source.withFields(named(fields, "/dataSets/" + index + "/fields")));
                fields.remove("path");
                fields.put("name", source.name());
            } else {
                var name =
                        entry.isTextual() ? entry.asText() : entry.path("name").asText();
                LocalDataSets.named(name).ifPresent(source -> sources.putIfAbsent(name, source));
            }
            index++;
        }
        return request;
    }

    /** The fields a data set of a file names, taken out of its entry. */
    private Map<String, String> named(ObjectNode entry, String pointer) {
        var named = new TreeMap<String, String>();
        if (entry.has("fields")) {
            for (var field : entry.remove("fields").properties()) {
                if (!FIELDS.contains(field.getKey()) || !field.getValue().isTextual()) {
                    throw new CommandFailure(
                            ExitCode.USAGE,
                            file + ":" + located.line(pointer + "/" + field.getKey())
                                    + " fields must name those of " + String.join(", ", FIELDS) + ": has "
                                    + field.getKey());
                }
                named.put(field.getKey(), field.getValue().textValue());
            }
        }
        return named;
    }

    /** A path in the file is relative to the file. */
    private Path beside(String path) {
        var parent = file.toAbsolutePath().getParent();
        return parent.resolve(path).normalize();
    }

    /** The grid, or every fault of the file with its line. */
    private SweepSpecification planned(ObjectNode request, Optional<ApiClient> api) {
        var grader = request.path("grader").asText(null);
        var sets = new LinkedHashMap<String, Optional<DataSet>>();
        var result = SweepRequest.read(
                request,
                request.path("id").asText(),
                name -> sets.computeIfAbsent(name, wanted -> dataSet(wanted, grader, api)),
                HttpSettings.from(ConfigFactory.load()));
        if (result.specification().isPresent()) {
            return result.specification().get();
        }
        var faults = new StringBuilder();
        for (var fault : result.faults()) {
            faults.append(faults.isEmpty() ? "" : "\n  ")
                    .append(file)
                    .append(':')
                    .append(located.line(fault.pointer()))
                    .append(' ')
                    .append(fault.detail());
        }
        throw new CommandFailure(ExitCode.USAGE, faults.toString());
    }

    private Optional<DataSet> dataSet(String name, String grader, Optional<ApiClient> api) {
        if (sources.containsKey(name)) {
            return Optional.of(sources.get(name).read(grader));
        }
        return api.map(known -> remote(known, name));
    }

    /** What a server has under a name; its problems stay there, so that only their number is known here. */
    private static DataSet remote(ApiClient api, String name) {
        var shown = api.get("/api/v1/datasets/" + URLEncoder.encode(name, StandardCharsets.UTF_8));
        var summary = shown.path("dataSet");
        var items = new ArrayList<DataSet.Item>();
        for (int problem = 0; problem < summary.path("problems").asInt(); problem++) {
            items.add(new DataSet.Item("p" + problem, "?", "?", Map.of()));
        }
        return new DataSet(
                name,
                summary.path("sha256").asText(),
                summary.path("grader").asText(),
                null,
                items,
                SweepLines.extraction(summary.path("extraction")));
    }

    private void confirm(Estimate estimate) {
        if (estimate.generations() <= MANY_GENERATIONS && estimate.hours().orElse(0.0) <= MANY_HOURS) {
            return;
        }
        var question = String.format(
                Locale.ROOT,
                "this is a large sweep: %,d generations%s; --dry-run shows more. Run it? [y/N] ",
                estimate.generations(),
                estimate.hours()
                        .map(hours -> String.format(Locale.ROOT, ", about %.1f hours", hours))
                        .orElse(""));
        if (System.console() == null || !System.console().isTerminal()) {
            throw new CommandFailure(ExitCode.USAGE, question.replace("Run it? [y/N] ", "give --yes to run it"));
        }
        var answer = System.console().readLine("%s", question);
        if (answer == null || !answer.strip().toLowerCase(Locale.ROOT).startsWith("y")) {
            throw new CommandFailure(ExitCode.USAGE, "nothing was run");
        }
    }

    // ---- the run

    private int run(ApiClient api, ObjectNode request, SweepSpecification planned) throws InterruptedException {
        for (var source : sources.values()) {
            api.upload(source.query(request.path("grader").asText(null)), source.bytes(), source.csv());
        }
        var submitted = api.post("/api/v1/sweeps", request);
        if (retryFailed) {
            api.post("/api/v1/sweeps/" + request.path("id").asText() + "/retry", ApiClient.JSON.createObjectNode());
        }
        var manifest = Manifest.write(out, request, submitted, api.cluster(), planned);
        err("the sweep's page: " + api.url() + "/#/sweeps/" + request.path("id").asText());
        try (var results = SweepResults.open(out.resolve("results.jsonl"))) {
            if (results.cutBytes() > 0) {
                err("a torn line of " + results.cutBytes() + " bytes was cut off; its result is written anew");
            }
            var slots = SlotTime.at(out);
            var follower = new SweepFollower(
                    api,
                    request.path("id").asText(),
                    results,
                    slots,
                    specification.commandLine().getErr());
            var outcome = follower.follow(url != null);
            slots.keep(out);
            Estimate.remember(out, results.lines(), outcome);
            var listed = results.lines().stream()
                    .filter(line -> follower.lists(line.path("cell").asText()))
                    .toList();
            var summary = SweepReportFiles.write(out, manifest, listed, slots, Instant.now());
            if (json) {
                print().print(read(out.resolve("summary.json")));
            } else {
                SweepTables.print(print(), summary);
                print().println();
                print().println("results: " + out.resolve("results.jsonl") + " (" + listed.size() + " of "
                        + manifest.path("expectedResults").asLong() + ")");
            }
            draw(manifest, summary);
            print().flush();
            if (outcome.failed() > 0) {
                err(outcome.failed() + " problems failed; the first: " + outcome.firstFailure());
                return ExitCode.FAILED;
            }
            return ExitCode.OK;
        }
    }

    private void draw(JsonNode manifest, Summary summary) {
        if (summary.rows().isEmpty()) {
            return;
        }
        try {
            for (var plot : SweepPlots.draw(out.resolve("plots"), manifest, summary)) {
                if (!json) {
                    print().println("plot: " + plot + ".svg and .png");
                }
            }
        } catch (CommandFailure fontless) {
            err(fontless.getMessage());
        }
    }

    private void err(String sentence) {
        specification.commandLine().getErr().println("cloudchamber: " + sentence);
        specification.commandLine().getErr().flush();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failed) {
            throw CommandFailure.unavailable(file + " must be readable: " + failed);
        }
    }
}
