package cloudchamber.cli;

import cloudchamber.client.Manifest;
import cloudchamber.client.SweepLines;
import cloudchamber.client.SweepResults;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.coordinator.report.Bootstrap;
import cloudchamber.coordinator.report.Comparison;
import cloudchamber.coordinator.report.Run;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares two sweeps, problem by problem. */
@Command(
        name = "compare",
        description = "Compares two folders of sweep results, problem by problem, and their manifests.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Cells of one method and budget are compared on the problems and seeds both have: the difference of their",
            "accuracies with its 95 % interval over problems, the runs only one got right, and the p-value."
        })
final class CompareCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "A", description = "The folder of one sweep.")
    private Path first;

    @Parameters(index = "1", paramLabel = "B", description = "The folder of the other.")
    private Path second;

    @Spec
    private CommandSpec specification;

    /** What a cell is called in both sweeps. */
    private record Name(String series, int budget) {}

    /** One run of a cell. */
    private record Place(String problem, long seed) {}

    @Override
    public Integer call() {
        var one = manifest(first);
        var other = manifest(second);
        var out = specification.commandLine().getOut();
        printDifference(out, one.path("sweep"), other.path("sweep"), one, other);
        var mine = cells(first);
        var others = cells(second);
        out.printf(
                Locale.ROOT,
                "%-40s %6s %8s %7s %7s %8s  %-18s %6s %6s %7s%n",
                "series",
                "budget",
                "problems",
                "A",
                "B",
                "A - B",
                "95 % interval",
                "only A",
                "only B",
                "p");
        int compared = 0;
        for (var cell : mine.entrySet()) {
            if (others.containsKey(cell.getKey())) {
                compared += print(out, cell.getKey(), cell.getValue(), others.get(cell.getKey())) ? 1 : 0;
            }
        }
        out.flush();
        if (compared == 0) {
            throw new CommandFailure(
                    ExitCode.USAGE, "the sweeps must have a method and budget on common problems: have none");
        }
        return ExitCode.OK;
    }

    private static JsonNode manifest(Path folder) {
        return Manifest.at(folder)
                .orElseThrow(() -> CommandFailure.unavailable(folder + " must hold a sweep: has no manifest.json"));
    }

    private static void printDifference(
            PrintWriter out, JsonNode one, JsonNode other, JsonNode oneManifest, JsonNode otherManifest) {
        var names = new TreeSet<String>();
        one.fieldNames().forEachRemaining(names::add);
        other.fieldNames().forEachRemaining(names::add);
        names.remove("id");
        names.stream().filter(name -> !one.path(name).equals(other.path(name))).forEach(name -> {
            out.println("A " + name + ": " + one.path(name));
            out.println("B " + name + ": " + other.path(name));
        });
        for (var name : List.of("dataSets", "versions", "workers")) {
            if (!oneManifest.path(name).equals(otherManifest.path(name))) {
                out.println("A " + name + ": " + oneManifest.path(name));
                out.println("B " + name + ": " + otherManifest.path(name));
            }
        }
        out.println();
    }

    private static Map<Name, Map<Place, Boolean>> cells(Path folder) {
        var file = folder.resolve("results.jsonl");
        if (!Files.isRegularFile(file)) {
            throw CommandFailure.unavailable(folder + " must hold a sweep: has no results.jsonl");
        }
        try (var results = SweepResults.open(file)) {
            var cells = new LinkedHashMap<Name, Map<Place, Boolean>>();
            for (Run run : SweepLines.runs(results.lines())) {
                cells.computeIfAbsent(new Name(run.series(), run.budget()), name -> new LinkedHashMap<>())
                        .put(new Place(run.dataSet() + "/" + run.problem(), run.seed()), run.right());
            }
            return cells;
        }
    }

    /** Whether the two have a problem in common. */
    private static boolean print(PrintWriter out, Name name, Map<Place, Boolean> one, Map<Place, Boolean> other) {
        var problems = new TreeMap<String, TreeSet<Long>>();
        one.keySet().stream()
                .filter(other::containsKey)
                .forEach(place -> problems.computeIfAbsent(place.problem(), problem -> new TreeSet<>())
                        .add(place.seed()));
        if (problems.isEmpty()) {
            return false;
        }
        var mine = verdicts(problems, one);
        var others = verdicts(problems, other);
        var comparison = Comparison.of(mine, others, Bootstrap.standard());
        out.printf(
                Locale.ROOT,
                "%-40s %6d %8d %7.3f %7.3f %+8.3f  [%+.3f, %+.3f]   %6d %6d %7.4f%n",
                name.series(),
                name.budget(),
                problems.size(),
                mean(mine),
                mean(others),
                comparison.difference().estimate(),
                comparison.difference().low(),
                comparison.difference().high(),
                comparison.onlyFirst(),
                comparison.onlySecond(),
                comparison.pValue());
        return true;
    }

    private static boolean[][] verdicts(Map<String, TreeSet<Long>> problems, Map<Place, Boolean> cell) {
        return problems.entrySet().stream()
                .map(problem -> {
                    var runs = new boolean[problem.getValue().size()];
                    int place = 0;
                    for (long seed : problem.getValue()) {
                        runs[place++] = cell.get(new Place(problem.getKey(), seed));
                    }
                    return runs;
                })
                .toArray(boolean[][]::new);
    }

    private static double mean(boolean[][] verdicts) {
        double sum = 0;
        for (var runs : verdicts) {
            int right = 0;
            for (boolean run : runs) {
                right += run ? 1 : 0;
            }
            sum += (double) right / runs.length;
        }
        return sum / verdicts.length;
    }
}
