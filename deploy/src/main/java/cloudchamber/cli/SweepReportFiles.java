package cloudchamber.cli;

import cloudchamber.coordinator.http.Json;
import cloudchamber.coordinator.report.Bootstrap;
import cloudchamber.coordinator.report.Run;
import cloudchamber.coordinator.report.Summary;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Writes what a sweep says beside its results: summary.json, summary.csv, results_*.json, and prints the tables. */
final class SweepReportFiles {
    private SweepReportFiles() {}

    /** Sums up lines of results, as the manifest has them. */
    static Summary summary(JsonNode manifest, List<JsonNode> lines) {
        var references = new ArrayList<Summary.Reference>();
        manifest.path("sweep")
                .path("references")
                .forEach(reference -> references.add(new Summary.Reference(
                        reference.path("name").asText(),
                        reference.path("accuracy").asDouble(),
                        reference.path("source").asText())));
        return Summary.of(SweepLines.runs(lines), references, parameters(manifest, lines), Bootstrap.standard());
    }

    private static Summary.Parameters parameters(JsonNode manifest, List<JsonNode> lines) {
        var models = manifest.path("sweep").path("models");
        return new Summary.Parameters() {
            @Override
            public OptionalDouble policy(Run run) {
                return of(run.axes().get("policy"));
            }

            @Override
            public OptionalDouble prm(Run run) {
                return of(run.axes().get("prm"));
            }

            private OptionalDouble of(String model) {
                var value = models.path(model).path("parameters");
                return value.isNumber() ? OptionalDouble.of(value.asDouble()) : OptionalDouble.empty();
            }
        };
    }

    /** Writes all files of a folder and returns the summary. */
    static Summary write(Path folder, JsonNode manifest, List<JsonNode> lines, Instant now) {
        var summary = summary(manifest, lines);
        ObjectNode json = ApiClient.JSON.createObjectNode();
        json.put("schema", 1);
        json.put("sweep", manifest.path("id").asText());
        json.put("results", lines.size());
        json.set("expectedResults", manifest.path("expectedResults"));
        json.setAll((ObjectNode) Json.tree(summary));
        var rates = json.putArray("rates");
        summary.rates()
                .forEach(rate -> rates.addObject()
                        .put("method", rate.method())
                        .put("baseline", rate.baseline())
                        .put("accuracy", rate.rate().accuracy())
                        .put("rate", rate.rate().rate().toString())
                        .put("low", rate.rate().low().toString())
                        .put("high", rate.rate().high().toString()));
        replace(folder.resolve("summary.json"), json.toPrettyString() + "\n");
        replace(folder.resolve("summary.csv"), csv(summary));
        writeHarnessResults(folder, manifest, summary, now);
        return summary;
    }

    /** In the shape of lm-evaluation-harness, so that its tools can read it. */
    private static void writeHarnessResults(Path folder, JsonNode manifest, Summary summary, Instant now) {
        ObjectNode json = ApiClient.JSON.createObjectNode();
        var results = json.putObject("results");
        var configs = json.putObject("configs");
        var versions = json.putObject("versions");
        var samples = json.putObject("n-samples");
        for (var row : summary.rows()) {
            var task = row.series() + "@" + row.budget();
            results.putObject(task)
                    .put("alias", task)
                    .put("exact_match,none", row.accuracy().estimate())
                    .put(
                            "exact_match_stderr,none",
                            (row.accuracy().high() - row.accuracy().low()) / (2 * 1.959963984540054))
                    .put("exact_match,paper", row.paperAccuracy());
            configs.putObject(task)
                    .put("task", task)
                    .put("num_fewshot", 0)
                    .put("repeats", row.seeds())
                    .put("budget", row.budget());
            versions.put(task, 1);
            samples.putObject(task).put("original", summary.problems()).put("effective", summary.problems());
        }
        json.set("config", manifest.path("sweep"));
        json.put("model_source", "cloudchamber");
        json.set("date", ApiClient.JSON.getNodeFactory().numberNode(now.getEpochSecond()));
        var name = "results_" + now.toString().replaceAll("[:.]", "-") + ".json";
        try (var old = Files.newDirectoryStream(folder, "results_*.json")) {
            for (var file : old) {
                Files.delete(file);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        replace(folder.resolve(name), json.toPrettyString() + "\n");
    }

    private static String csv(Summary summary) {
        var csv = new StringBuilder("series,budget,problems,seeds,accuracy,low,high,paperAccuracy,coverage,"
                + "chosenProbability,aucWithin,aucPooled,calibrationError,policyTokens,prmTokens,flops,wallMillis\n");
        for (var row : summary.rows()) {
            csv.append('"').append(row.series().replace("\"", "\"\"")).append('"');
            for (var value : new Object[] {
                row.budget(),
                summary.problems(),
                row.seeds(),
                row.accuracy().estimate(),
                row.accuracy().low(),
                row.accuracy().high(),
                row.paperAccuracy(),
                row.coverage(),
                row.chosenProbability(),
                row.withinAuc(),
                row.pooledAuc(),
                row.calibrationError(),
                row.tokens().policy(),
                row.tokens().prm(),
                row.flops(),
                row.wallMillis()
            }) {
                csv.append(',').append(value == null ? "" : value);
            }
            csv.append('\n');
        }
        return csv.toString();
    }

    /** Writes a file whole or not at all. */
    static void replace(Path file, String content) {
        try {
            var temporary = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(temporary, content);
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failed) {
            throw CommandFailure.unavailable(file + " must be writable: " + failed);
        }
    }

    // ---- tables

    static void print(PrintWriter out, Summary summary) {
        int width = Math.max(
                6,
                summary.rows().stream()
                        .mapToInt(row -> row.series().length())
                        .max()
                        .orElse(6));
        out.printf(
                Locale.ROOT,
                "%-" + width + "s %6s %8s  %-16s %6s %8s %8s %8s %9s%n",
                "series",
                "budget",
                "accuracy",
                "95 % interval",
                "paper",
                "coverage",
                "chosen p",
                "AUC in",
                "tokens");
        for (var row : summary.rows()) {
            out.printf(
                    Locale.ROOT,
                    "%-" + width + "s %6d %8.3f  [%.3f, %.3f]   %6.3f %8.3f %8s %8s %9.0f%n",
                    row.series(),
                    row.budget(),
                    row.accuracy().estimate(),
                    row.accuracy().low(),
                    row.accuracy().high(),
                    row.paperAccuracy(),
                    row.coverage(),
                    number(row.chosenProbability()),
                    number(row.withinAuc()),
                    row.tokens().policy() + row.tokens().prm());
        }
        out.println();
        if (summary.incompleteProblems() > 0) {
            out.println("left out: " + summary.incompleteProblems() + " problems without a result in every cell");
        }
        for (var rate : summary.rates()) {
            out.printf(
                    Locale.ROOT,
                    "scaling rate of %s over %s: %s  [%s, %s] at accuracy %.3f%n",
                    rate.method(),
                    rate.baseline(),
                    rate.rate().rate(),
                    rate.rate().low(),
                    rate.rate().high(),
                    rate.rate().accuracy());
        }
        for (var line : summary.series()) {
            if (line.plateau() != null) {
                out.println("plateau of " + line.series() + ": " + line.plateau());
            }
            for (var reached : line.references()) {
                out.printf(
                        Locale.ROOT,
                        "%s reaches %s (%.3f): %s%n",
                        line.series(),
                        reached.reference().name(),
                        reached.reference().accuracy(),
                        reached.budget() == null
                                ? "not reached"
                                : String.format(Locale.ROOT, "at budget %.1f", reached.budget()));
            }
        }
        printPairs(out, summary);
        printEffects(out, summary);
    }

    private static void printPairs(PrintWriter out, Summary summary) {
        if (summary.pairs().isEmpty()) {
            return;
        }
        out.println();
        out.println("paired differences (first minus second), 95 % intervals over problems:");
        for (var pair : summary.pairs()) {
            out.printf(
                    Locale.ROOT,
                    "  %s minus %s at %d: %+.3f  [%+.3f, %+.3f]  p %.4f%n",
                    pair.first(),
                    pair.second(),
                    pair.budget(),
                    pair.comparison().difference().estimate(),
                    pair.comparison().difference().low(),
                    pair.comparison().difference().high(),
                    pair.comparison().pValue());
        }
    }

    private static void printEffects(PrintWriter out, Summary summary) {
        var axes = new LinkedHashMap<String, List<String>>();
        summary.effects()
                .main()
                .forEach(main -> axes.computeIfAbsent(main.axis(), axis -> new ArrayList<>())
                        .add(String.format(Locale.ROOT, "%s %+.3f", main.level(), main.effect())));
        if (!axes.isEmpty()) {
            out.println();
            out.println("main effects on accuracy:");
            axes.forEach((axis, levels) -> out.println("  " + axis + ": " + String.join(", ", levels)));
        }
    }

    private static String number(Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.3f", value);
    }
}
