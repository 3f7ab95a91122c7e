package cloudchamber.client;

import cloudchamber.coordinator.report.Effects;
import cloudchamber.coordinator.report.ScalingRate;
import cloudchamber.coordinator.report.ScalingRate.Bound;
import cloudchamber.coordinator.report.ScalingRate.Kind;
import cloudchamber.coordinator.report.Summary;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Prints what a sweep says. */
public final class SweepTables {
    private static final int SHOWN_INTERACTIONS = 6;

    private final PrintWriter out;
    private final Summary summary;
    private final int width;

    private SweepTables(PrintWriter out, Summary summary) {
        this.out = out;
        this.summary = summary;
        this.width = Math.max(
                6,
                summary.rows().stream()
                        .mapToInt(row -> row.series().length())
                        .max()
                        .orElse(6));
    }

    public static void print(PrintWriter out, Summary summary) {
        var tables = new SweepTables(out, summary);
        tables.accuracies();
        tables.optimisation();
        tables.costs();
        tables.draws();
        tables.rates();
        tables.pairs();
        tables.effects();
    }

    /** One line for each series and budget. */
    private void rows(String heading, String columns, Function<Summary.Row, String> text) {
        out.println(heading);
        out.printf(Locale.ROOT, "  %-" + width + "s %6s %s%n", "series", "budget", columns);
        summary.rows()
                .forEach(row -> out.printf(
                        Locale.ROOT, "  %-" + width + "s %6d %s%n", row.series(), row.budget(), text.apply(row)));
        out.println();
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private void accuracies() {
        rows(
                "accuracy, with 95 % intervals over problems (paper: by the lenient rules behind published numbers):",
                text("%8s  %-16s %6s %8s", "accuracy", "95 % interval", "paper", "coverage"),
                row -> text(
                        "%8.3f  [%.3f, %.3f]   %6.3f %8.3f",
                        row.accuracy().estimate(),
                        row.accuracy().low(),
                        row.accuracy().high(),
                        row.paperAccuracy(),
                        row.coverage()));
        if (summary.incompleteProblems() > 0) {
            out.println("left out: " + summary.incompleteProblems() + " problems without a result in every cell");
            out.println();
        }
    }

    private void optimisation() {
        if (summary.rows().stream().allMatch(row -> row.chosenProbability() == null)) {
            return;
        }
        rows(
                "over-optimisation: what the PRM gives the chosen answers, beside how often they are right; how well it"
                        + " tells right\nparticles from wrong ones of one problem (AUC within) and of all (pooled), its"
                        + " calibration error; right answers not chosen:",
                text(
                        "%8s %8s %8s %10s %10s %11s %10s",
                        "accuracy", "chosen p", "excess", "AUC within", "AUC pooled", "calibration", "not chosen"),
                row -> text(
                        "%8.3f %8s %8s %10s %10s %11s %10.3f",
                        row.accuracy().estimate(),
                        number(row.chosenProbability()),
                        row.chosenProbability() == null
                                ? "-"
                                : text(
                                        "%+.3f",
                                        row.chosenProbability() - row.accuracy().estimate()),
                        number(row.withinAuc()),
                        number(row.pooledAuc()),
                        number(row.calibrationError()),
                        row.coverageGap()));
    }

    private void costs() {
        rows(
                "cost of a problem, the mean (slot-seconds: its tokens at the seconds of busy slots a token took in this"
                        + " sweep):",
                text("%13s %10s %12s %11s %9s", "policy tokens", "PRM tokens", "slot-seconds", "GPU-seconds", "FLOPs"),
                row -> text(
                        "%13.0f %10.0f %12s %11s %9s",
                        row.tokens().policy(),
                        row.tokens().prm(),
                        number(row.slotSeconds()),
                        number(row.gpuSeconds()),
                        row.flops() == null ? "-" : text("%.2e", row.flops())));
    }

    /** Independent generations say what fewer of them would have come to. */
    private void draws() {
        var drawn = summary.rows().stream().filter(row -> row.atK().size() > 1).toList();
        if (drawn.isEmpty()) {
            return;
        }
        var largest = new LinkedHashMap<List<Summary.AtK>, Summary.Row>();
        var last = new LinkedHashMap<String, Summary.Row>();
        drawn.forEach(row -> last.put(row.series(), row));
        last.values().forEach(row -> largest.putIfAbsent(row.atK(), row));
        out.println("k of the independent generations: one is right (pass), most votes are, most weight is:");
        largest.values().forEach(row -> {
            out.println("  " + row.series());
            row.atK()
                    .forEach(at -> out.println(text(
                            "    k = %-5d pass %.3f  majority %.3f  weighted %s",
                            at.k(), at.pass(), at.majority(), number(at.weighted()))));
        });
        out.println();
    }

    private void rates() {
        for (var rate : summary.rates()) {
            out.println(text(
                    "scaling rate of %s over %s at accuracy %.3f: %s",
                    rate.method(), rate.baseline(), rate.rate().accuracy(), words(rate.rate())));
        }
        for (var line : summary.series()) {
            if (line.plateau() != null) {
                out.println("plateau of " + line.series() + ": " + line.plateau()
                        + ", the least budget that is not significantly worse than the largest");
            }
            for (var reached : line.references()) {
                out.println(text(
                        "%s reaches %s (%.3f): %s",
                        line.series(),
                        reached.reference().name(),
                        reached.reference().accuracy(),
                        reached.budget() == null ? "not reached" : text("at budget %.1f", reached.budget())));
            }
        }
    }

    /** A rate with its interval, in words. */
    public static String words(ScalingRate rate) {
        boolean open = rate.low().kind() == Kind.LESS_THAN && rate.high().kind() == Kind.MORE_THAN;
        return words(rate.rate()) + " (95 % interval: " + words(rate.low()) + " to " + words(rate.high())
                + (open ? ", open on both sides: these budgets and problems do not tell)" : ")");
    }

    private static String words(Bound bound) {
        return switch (bound.kind()) {
            case EXACT -> bound.toString();
            case MORE_THAN -> bound.toString().replace(">", "more than");
            case LESS_THAN -> bound.toString().replace("<", "less than");
        };
    }

    private void pairs() {
        if (summary.pairs().isEmpty()) {
            return;
        }
        out.println();
        out.println("paired differences (first minus second), 95 % intervals over problems:");
        for (var pair : summary.pairs()) {
            out.println(text(
                    "  %s minus %s at %d: %+.3f  [%+.3f, %+.3f]  p %.4f",
                    pair.first(),
                    pair.second(),
                    pair.budget(),
                    pair.comparison().difference().estimate(),
                    pair.comparison().difference().low(),
                    pair.comparison().difference().high(),
                    pair.comparison().pValue()));
        }
    }

    private void effects() {
        var axes = new LinkedHashMap<String, List<String>>();
        summary.effects()
                .main()
                .forEach(main -> axes.computeIfAbsent(main.axis(), axis -> new ArrayList<>())
                        .add(text("%s %+.3f", main.level(), main.effect())));
        if (axes.isEmpty()) {
            return;
        }
        out.println();
        out.println("main effects on accuracy:");
        axes.forEach((axis, levels) -> out.println("  " + axis + ": " + String.join(", ", levels)));
        var largest = summary.effects().interactions().stream()
                .sorted(Comparator.comparingDouble((Effects.Interaction each) -> -Math.abs(each.effect())))
                .limit(SHOWN_INTERACTIONS)
                .toList();
        if (!largest.isEmpty()) {
            out.println("largest interactions of two (all of them: summary.json):");
            largest.forEach(each -> out.println(text(
                    "  %s %s with %s %s: %+.3f",
                    each.axis(), each.level(), each.otherAxis(), each.otherLevel(), each.effect())));
        }
    }

    private static String number(Double value) {
        return value == null ? "-" : text("%.3f", value);
    }
}
