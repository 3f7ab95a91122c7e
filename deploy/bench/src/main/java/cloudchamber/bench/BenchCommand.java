package cloudchamber.bench;

import cloudchamber.cli.OptionalCommand;
import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.models.ModelFolder;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs benchmarks. */
@Command(
        name = "bench",
        description = "Runs benchmarks: what this machine reaches beside what could be reached at best.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "./cloudchamber bench                     lists the benchmarks and their ideals",
            "./cloudchamber bench B5                  runs one, with a line for people",
            "./cloudchamber bench B1 --all --json     every case of B1, one JSON object a line; the last is the headline",
            "",
            "A line has id, case, score, direction (whether higher or lower is better), goal, met, ideal and measured",
            "(both in unit), seed, command, machine, and details. A goal that is missed is shown, and is no failure."
        })
public final class BenchCommand implements OptionalCommand {
    @Parameters(paramLabel = "ID", arity = "0..*", description = "Benchmarks to run, such as B1 (default: list them).")
    private List<String> ids = List.of();

    @Option(names = "--all", description = "Run every case of a benchmark, not just the headline's.")
    private boolean all;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Of every random draw (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--json", description = "Print one JSON object a line.")
    private boolean json;

    @Spec
    private CommandSpec specification;

    private final List<Benchmark> benchmarks;

    public BenchCommand() {
        this(Benchmarks.all());
    }

    BenchCommand(List<Benchmark> benchmarks) {
        this.benchmarks = benchmarks;
    }

    @Override
    public Integer call() {
        var out = specification.commandLine().getOut();
        if (ids.isEmpty()) {
            benchmarks.forEach(benchmark -> print(out, benchmark));
            out.flush();
            return ExitCode.OK;
        }
        var chosen = ids.stream().map(this::benchmark).toList();
        for (var benchmark : chosen) {
            run(benchmark, out, specification.commandLine().getErr());
        }
        return ExitCode.OK;
    }

    private Benchmark benchmark(String id) {
        return benchmarks.stream()
                .filter(benchmark -> benchmark.id().equalsIgnoreCase(id))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.USAGE,
                        "a benchmark must be one of "
                                + benchmarks.stream().map(Benchmark::id).collect(Collectors.joining(", "))
                                + ": was " + id));
    }

    private void print(PrintWriter out, Benchmark benchmark) {
        if (json) {
            out.println(ApiClient.JSON
                    .createObjectNode()
                    .put("id", benchmark.id())
                    .put("title", benchmark.title())
                    .put("ideal", benchmark.ideal()));
        } else {
            out.printf("%-4s %s%n     %s%n", benchmark.id(), benchmark.title(), benchmark.ideal());
        }
    }

    private void run(Benchmark benchmark, PrintWriter out, PrintWriter err) {
        var output = new BenchmarkOutput() {
            @Override
            public void progress(String message) {
                err.println(benchmark.id() + ": " + message);
                err.flush();
            }

            @Override
            public void figure(Figure figure) {
                out.println(json ? line(benchmark, figure) : text(benchmark, figure));
                out.flush();
            }
        };
        output.progress(benchmark.title() + "; " + machine());
        try {
            output.figure(benchmark.run(new BenchmarkSettings(seed, all, models()), output));
        } catch (BenchmarkFailure failure) {
            throw new CommandFailure(ExitCode.FAILED, benchmark.id() + " gave no figure: " + failure.getMessage());
        }
    }

    private static Map<String, Path> models() {
        var folder = ModelFolder.standard();
        var models = new HashMap<String, Path>();
        models.put(BenchmarkSettings.BUNDLED_POLICY, folder.policy("bundled").file());
        models.put(BenchmarkSettings.BUNDLED_PRM, folder.prm("bundled").file());
        folder.list().forEach(entry -> models.put(entry.name(), entry.file()));
        return models;
    }

    private ObjectNode line(Benchmark benchmark, Figure figure) {
        var line = ApiClient.JSON
                .createObjectNode()
                .put("id", benchmark.id())
                .put("case", figure.name())
                .put("score", figure.score())
                .put("direction", figure.direction().id())
                .put("goal", figure.goal())
                .put("met", figure.met())
                .put("ideal", figure.ideal())
                .put("measured", figure.measured())
                .put("unit", figure.unit())
                .put("seed", figure.seed())
                .put("command", command(benchmark))
                .put("machine", machine());
        line.set("details", ApiClient.JSON.valueToTree(figure.details()));
        return line;
    }

    private static String text(Benchmark benchmark, Figure figure) {
        var details = figure.details().entrySet().stream()
                .map(detail -> detail.getKey() + " " + brief(detail.getValue()))
                .collect(Collectors.joining(", "));
        return "%-4s %-28s score %s (goal %s %s, %s)   ideal %s, measured %s %s%s"
                .formatted(
                        benchmark.id(),
                        figure.name(),
                        brief(figure.score()),
                        figure.direction() == Figure.Direction.HIGHER ? "≥" : "≤",
                        brief(figure.goal()),
                        figure.met() ? "met" : "missed",
                        brief(figure.ideal()),
                        brief(figure.measured()),
                        figure.unit(),
                        details.isEmpty() ? "" : "\n     " + details);
    }

    private static String brief(Object value) {
        return value instanceof Double number ? String.format(Locale.ROOT, "%.4g", number) : String.valueOf(value);
    }

    private String command(Benchmark benchmark) {
        return Stream.of("./cloudchamber bench " + benchmark.id(), all ? "--all" : "", "--seed " + seed, "--json")
                .filter(word -> !word.isEmpty())
                .collect(Collectors.joining(" "));
    }

    /** What the figures were taken on; a load above the number of processors makes them noise. */
    private static String machine() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        var flags = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-X"))
                .collect(Collectors.joining(" "));
        return String.format(
                Locale.ROOT,
                "%d processors, %s %s, Java %s, %s, load %.1f",
                system.getAvailableProcessors(),
                system.getName(),
                system.getArch(),
                System.getProperty("java.version"),
                flags,
                system.getSystemLoadAverage());
    }
}
