package cloudchamber.client;

import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.report.Bootstrap;
import cloudchamber.coordinator.report.Run;
import cloudchamber.coordinator.report.Summary;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Writes what a sweep says beside its results: summary.json, summary.csv, results_*.json, in the shapes programs read. */
public final class SweepReportFiles {
    private SweepReportFiles() {}

    /** Sums up lines of results, as the manifest has them. */
    static Summary summary(JsonNode manifest, List<JsonNode> lines, SlotTime slots) {
        var references = new ArrayList<Summary.Reference>();
        manifest.path("sweep")
                .path("references")
                .forEach(reference -> references.add(new Summary.Reference(
                        reference.path("name").asText(),
                        reference.path("accuracy").asDouble(),
                        reference.path("source").asText())));
        return Summary.of(SweepLines.runs(lines), references, parameters(manifest, slots), Bootstrap.standard());
    }

    private static Summary.Parameters parameters(JsonNode manifest, SlotTime slots) {
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

            @Override
            public OptionalDouble slotSeconds(Run run) {
                return slots.slotSeconds(
                        run.axes().get("policy"), run.policyTokens(), run.axes().get("prm"), run.prmTokens());
            }

            @Override
            public OptionalDouble gpuSeconds(Run run) {
                return slots.gpuSeconds(
                        run.axes().get("policy"),
                        run.policyTokens(),
                        run.axes().get("prm"),
                        run.prmTokens(),
                        model -> models.path(model).path("gpus"));
            }

            private OptionalDouble of(String model) {
                var value = models.path(model).path("parameters");
                return value.isNumber() ? OptionalDouble.of(value.asDouble()) : OptionalDouble.empty();
            }
        };
    }

    /** Writes all files of a folder and returns the summary. */
    public static Summary write(Path folder, JsonNode manifest, List<JsonNode> lines, SlotTime slots, Instant now) {
        var summary = summary(manifest, lines, slots);
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
        WholeFile.write(folder.resolve("summary.json"), json.toPrettyString() + "\n");
        WholeFile.write(folder.resolve("summary.csv"), csv(summary));
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
        WholeFile.write(folder.resolve(name), json.toPrettyString() + "\n");
    }

    private static String csv(Summary summary) {
        var csv = new StringBuilder(
                "series,budget,problems,seeds,accuracy,low,high,paperAccuracy,coverage,"
                        + "chosenProbability,aucWithin,aucPooled,calibrationError,policyTokens,prmTokens,slotSeconds,gpuSeconds,flops,wallMillis\n");
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
                row.slotSeconds(),
                row.gpuSeconds(),
                row.flops(),
                row.wallMillis()
            }) {
                csv.append(',').append(value == null ? "" : value);
            }
            csv.append('\n');
        }
        return csv.toString();
    }
}
