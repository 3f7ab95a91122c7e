package cloudchamber.client;

import cloudchamber.console.Home;
import cloudchamber.coordinator.sweep.SweepSpecification;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a sweep will take.
 *
 * @param results one for each problem and cell
 * @param generations of all jobs, shared work counted once
 * @param tokens by the rate measured before; empty without one
 * @param hours the same
 * @param runs how many runs the rates are the median of
 * @param mostTokens what the limits of a generation allow
 */
public record Estimate(
        long results,
        long generations,
        Optional<Double> tokens,
        Optional<Double> hours,
        int runs,
        double mostTokens,
        long diskBytes) {
    /*
     * A run beside other programs is slow and says little of the next one, so rates are the median of the last runs
     * with the same models.
     */
    private static final int KEPT_RUNS = 9;
    private static final String RATES = "rates.json";
    private static final String TOKENS = "tokensPerGeneration";
    private static final String SPEED = "generationsPerSecond";
    private static final int BYTES_PER_RESULT = 900;
    private static final int BYTES_PER_PARTICLE = 110;
    private static final int JOURNAL_BYTES_PER_GENERATION = 1500;

    /** By the rates of an earlier run in the same folder, or of the last sweep of this user. */
    public static Estimate of(SweepSpecification planned, Path folder) {
        long results = 0;
        long particles = 0;
        for (var cell : planned.plan().cells()) {
            long problems = problems(planned, cell.dataSet());
            results += problems;
            particles += problems * cell.method().budget();
        }
        long generations = 0;
        double mostTokens = 0;
        for (var job : planned.plan().jobs()) {
            long own = problems(planned, job.dataSet()) * job.method().budget();
            generations += own;
            mostTokens += (double) own * job.limits().maxTokens();
        }
        var first = planned.plan().jobs().getFirst();
        var models = models(first.policy(), first.prm());
        var rates = rates(folder, models).or(() -> rates(Home.defaultData(), models));
        long all = generations;
        return new Estimate(
                results,
                generations,
                rates.map(known -> known.path(TOKENS).asDouble() * all),
                rates.map(known -> all / known.path(SPEED).asDouble() / 3600),
                rates.map(known -> runs(known).size()).orElse(0),
                mostTokens,
                results * BYTES_PER_RESULT
                        + particles * BYTES_PER_PARTICLE
                        + generations * JOURNAL_BYTES_PER_GENERATION);
    }

    private static long problems(SweepSpecification planned, String dataSet) {
        return planned.dataSets().stream()
                .filter(set -> set.name().equals(dataSet))
                .findFirst()
                .orElseThrow()
                .items()
                .size();
    }

    /** What rates are kept by. */
    private static String models(String policy, String prm) {
        return policy + "|" + prm;
    }

    private static Optional<JsonNode> rates(Path folder, String models) {
        var file = folder.resolve(RATES);
        try {
            return Files.isRegularFile(file)
                    ? Optional.of(ApiClient.JSON
                                    .readTree(Files.readString(file))
                                    .path(models))
                            .filter(rates -> rates.path(SPEED).asDouble() > 0)
                    : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** Keeps what a run measured, for the next estimate. */
    public static void remember(Path folder, List<JsonNode> lines, SweepFollower.Outcome outcome) {
        long generations = 0;
        long tokens = 0;
        for (var line : lines) {
            if (!line.path("shared").asBoolean()) {
                generations += line.path("budget").asLong();
                tokens += line.path("cost").path("completionTokens").asLong();
            }
        }
        if (generations == 0 || outcome.generations() == 0 || outcome.seconds() < 1) {
            return;
        }
        var models = models(
                lines.getLast().path("policy").asText(),
                lines.getLast().path("prm").asText());
        var rates = ApiClient.JSON.createObjectNode();
        rates.put(TOKENS, (double) tokens / generations);
        rates.put(SPEED, outcome.generations() / outcome.seconds());
        keep(folder.resolve(RATES), models, rates);
        keep(Home.writable(Home.defaultData()).resolve(RATES), models, rates);
    }

    private static void keep(Path file, String models, ObjectNode rates) {
        ObjectNode all = ApiClient.JSON.createObjectNode();
        try {
            if (Files.isRegularFile(file)
                    && ApiClient.JSON.readTree(Files.readString(file)) instanceof ObjectNode known) {
                all = known;
            }
        } catch (IOException unreadable) {
            all.removeAll();
        }
        all.set(models, median(all.path(models), rates));
        WholeFile.write(file, all + "\n");
    }

    /** The runs behind known rates; a file of an earlier version has one and does not list it. */
    private static List<JsonNode> runs(JsonNode known) {
        var runs = new ArrayList<JsonNode>();
        known.path("runs").forEach(runs::add);
        if (runs.isEmpty() && known.path(SPEED).asDouble() > 0) {
            runs.add(known);
        }
        return runs;
    }

    /** Rates with one more run: the medians, and the runs they are of. */
    public static ObjectNode median(JsonNode known, ObjectNode run) {
        var runs = runs(known);
        runs.add(run);
        var kept = runs.subList(Math.max(0, runs.size() - KEPT_RUNS), runs.size());
        ObjectNode rates = ApiClient.JSON.createObjectNode();
        for (var rate : List.of(TOKENS, SPEED)) {
            var sorted = kept.stream()
                    .mapToDouble(each -> each.path(rate).asDouble())
                    .sorted()
                    .toArray();
            rates.put(rate, (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2);
        }
        var listed = rates.putArray("runs");
        kept.forEach(each -> listed.addObject()
                .put(TOKENS, each.path(TOKENS).asDouble())
                .put(SPEED, each.path(SPEED).asDouble()));
        return rates;
    }

    public void print(PrintWriter out, SweepSpecification planned) {
        out.println("cells:       " + planned.plan().cells().size());
        for (var cell : planned.plan().cells()) {
            out.println("  " + cell.id() + (cell.axes().isEmpty() ? "" : "  " + cell.axes()));
        }
        if (!planned.skipped().isEmpty()) {
            out.println("cannot run:  " + planned.skipped().size());
            planned.skipped()
                    .forEach(skipped ->
                            out.println("  " + skipped.method() + " at " + skipped.budget() + ": " + skipped.reason()));
        }
        out.println("jobs:        " + planned.plan().jobs().size());
        out.printf(Locale.ROOT, "results:     %,d%n", results);
        out.printf(Locale.ROOT, "generations: %,d%n", generations);
        out.println("tokens:      "
                + tokens.map(value -> String.format(Locale.ROOT, "about %,.0f", value))
                        .orElse(String.format(
                                Locale.ROOT,
                                "at most %,.0f, the limit of every generation; more is known once a sweep has run here",
                                mostTokens)));
        out.println("hours:       "
                + hours.map(value -> String.format(
                                Locale.ROOT, "about %.2f at the median rate of %d earlier runs", value, runs))
                        .orElse("not known before a sweep has run here"));
        out.printf(Locale.ROOT, "disk:        about %,.0f MB%n", diskBytes / 1e6);
    }
}
