package cloudchamber.cli;

import cloudchamber.cli.options.Credentials;
import cloudchamber.client.LocalDataSets;
import cloudchamber.console.ExitCode;
import cloudchamber.coordinator.sweep.DataSet;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Data sets: looked at, registered on a server, listed. */
@Command(
        name = "data",
        description = "Shows what a file of problems holds, and registers it on a server.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "MATH, GSM8K, AIME, AMC, OlympiadBench, MMLU, GPQA and SVAMP load as their authors publish them.",
            "  ./cloudchamber data show math500.jsonl",
            "  ./cloudchamber data add math500.jsonl --url http://127.0.0.1:8080",
            "  ./cloudchamber data list --url http://127.0.0.1:8080"
        })
final class DataCommand implements Runnable {
    private static final String STANDARD_URL = "http://127.0.0.1:8080";
    private static final int SHOWN = 3;
    private static final int SHOWN_CHARACTERS = 100;

    @Spec
    private CommandSpec specification;

    @Override
    public void run() {
        throw new ParameterException(specification.commandLine(), "add, list or show must be given: see below");
    }

    @Command(name = "add", description = "Registers a file on a server.", mixinStandardHelpOptions = true)
    int add(
            @Parameters(
                            paramLabel = "FILE",
                            description =
                                    "JSON lines or arrays, CSV with a header, Parquet, each also as .gz, or a .yaml that describes one.")
                    Path file,
            @Option(
                            names = "--name",
                            paramLabel = "NAME",
                            description = "What it is called (default: the file's name).")
                    String name,
            @Option(
                            names = "--grader",
                            paramLabel = "ID",
                            description = "How answers are compared (default: choice for choices, else math).")
                    String grader,
            @Option(
                            names = "--extraction",
                            paramLabel = "FORMAT",
                            description = "How answers are found: standard, boxed, boxed-all, hashes, answer-line,"
                                    + " last-number or choice.")
                    String extraction,
            @Option(names = "--system-prompt", paramLabel = "TEXT", description = "What the policy is told first.")
                    String systemPrompt,
            @Option(names = "--id-field", paramLabel = "F", description = "The field of a row's id.") String idField,
            @Option(names = "--question-field", paramLabel = "F", description = "The field of the question.")
                    String questionField,
            @Option(names = "--answer-field", paramLabel = "F", description = "The field of the answer.")
                    String answerField,
            @Option(names = "--skip-broken", description = "Leave broken lines out instead of refusing the file.")
                    boolean skipBroken,
            @Option(names = "--url", paramLabel = "URL", defaultValue = STANDARD_URL, description = "The server.")
                    String url,
            @Mixin Credentials credentials) {
        var found = LocalDataSets.at(file);
        var source = found.with(name, systemPrompt, extraction).withFields(named(idField, questionField, answerField));
        var query = source.query(grader) + (skipBroken ? "&onError=skip" : "");
        var reply = credentials.of(url).upload(query, source.bytes(), source.csv());
        var out = specification.commandLine().getOut();
        print(out, reply.path("dataSet"));
        reply.path("skipped")
                .forEach(fault ->
                        out.println("  left out: line " + fault.path("line").asInt() + " "
                                + fault.path("detail").asText()));
        out.flush();
        return ExitCode.OK;
    }

    @Command(name = "list", description = "Lists what a server has.", mixinStandardHelpOptions = true)
    int list(
            @Option(names = "--url", paramLabel = "URL", defaultValue = STANDARD_URL, description = "The server.")
                    String url,
            @Mixin Credentials credentials,
            @Option(names = "--json", description = "Print the server's answer.") boolean json) {
        var out = specification.commandLine().getOut();
        var reply = credentials.of(url).get("/api/v1/datasets");
        if (json) {
            out.println(reply);
        } else {
            reply.path("dataSets").forEach(set -> print(out, set));
        }
        out.flush();
        return ExitCode.OK;
    }

    @Command(
            name = "show",
            description = "Shows what a file or a data set of this machine holds, without a server.",
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "FILE", description = "A file, or a name such as bundled.") String fileOrName,
            @Option(
                            names = "--grader",
                            paramLabel = "ID",
                            description = "How answers are compared (default: choice for choices, else math).")
                    String grader) {
        var source = LocalDataSets.named(fileOrName).orElseGet(() -> LocalDataSets.at(Path.of(fileOrName)));
        var set = source.read(grader);
        var out = specification.commandLine().getOut();
        out.println(source.file());
        out.println("name " + set.name() + ", problems " + set.items().size() + ", grader " + set.grader());
        out.println("sha256 " + set.sha256());
        tags(set).forEach((tag, levels) -> out.println(tag + ": " + levels));
        set.items().stream()
                .limit(SHOWN)
                .forEach(item -> out.println(
                        "  " + item.id() + "  " + shortened(item.question()) + "  ->  " + shortened(item.answer())));
        out.flush();
        return ExitCode.OK;
    }

    /** How many problems have each level of a tag; tags with many levels are left out. */
    private static Map<String, String> tags(DataSet set) {
        return set.items().stream()
                .flatMap(item -> item.tags().entrySet().stream())
                .collect(Collectors.groupingBy(
                        Map.Entry::getKey,
                        TreeMap::new,
                        Collectors.groupingBy(Map.Entry::getValue, TreeMap::new, Collectors.counting())))
                .entrySet()
                .stream()
                .filter(tag -> tag.getValue().size() <= 12)
                .collect(Collectors.toMap(
                        Map.Entry::getKey, tag -> tag.getValue().toString(), (one, other) -> one, TreeMap::new));
    }

    private static String shortened(String text) {
        var line = text.replaceAll("\\s+", " ");
        return line.length() > SHOWN_CHARACTERS ? line.substring(0, SHOWN_CHARACTERS - 1) + "…" : line;
    }

    private static void print(PrintWriter out, JsonNode set) {
        out.println(set.path("name").asText() + "  " + set.path("problems").asInt() + " problems, grader "
                + set.path("grader").asText() + ", sha256 " + set.path("sha256").asText());
    }

    private static Map<String, String> named(String id, String question, String answer) {
        var named = new TreeMap<String, String>();
        named.put("id", id);
        named.put("question", question);
        named.put("answer", answer);
        named.values().removeIf(Objects::isNull);
        return named;
    }
}
