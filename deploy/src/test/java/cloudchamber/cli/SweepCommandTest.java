package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cloudchamber.client.ApiClient;
import cloudchamber.client.Estimate;
import cloudchamber.client.SweepTables;
import cloudchamber.console.ExitCode;
import cloudchamber.coordinator.report.ScalingRate;
import cloudchamber.coordinator.report.ScalingRate.Bound;
import cloudchamber.coordinator.report.ScalingRate.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sweeps as a user runs them, with simulated models. */
class SweepCommandTest {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int PROBLEMS = 12;
    private static final int CELLS = 7;

    @TempDir
    private Path folder;

    /**
     * The process, server and all, is killed twice at any point of its work; the same command then brings the sweep to
     * its end: every problem of every cell stands in the results once, with what an undisturbed run writes.
     */
    @Test
    @EnabledIfSystemProperty(named = "long.tests", matches = "true")
    void aSweepThatIsKilledTwiceIsBroughtToItsEnd() throws IOException, InterruptedException {
        var file = sweep("?mean-millis=60&cv=1");
        var killed = folder.resolve("killed");
        for (int enough : new int[] {5, 30}) {
            var process = Program.start("sweep", file.toString(), "--out", killed.toString());
            await().atMost(LIMIT)
                    .until(() -> !process.isAlive() || lines(killed).size() >= enough);
            process.destroyForcibly().waitFor();
        }
        Files.writeString(
                killed.resolve("results.jsonl"),
                Files.readString(killed.resolve("results.jsonl")) + "{\"schema\":1,\"cell\":\"torn");
        var resumed = Program.run("sweep", file.toString(), "--out", killed.toString());
        var whole = folder.resolve("whole");
        var undisturbed = Program.run("sweep", sweep("").toString(), "--out", whole.toString());

        assertThat(resumed.exitCode()).as(resumed.out() + resumed.err()).isZero();
        assertThat(resumed.err()).contains("a torn line of");
        assertThat(undisturbed.exitCode()).as(undisturbed.err()).isZero();
        assertThat(keys(killed)).hasSize(PROBLEMS * CELLS).doesNotHaveDuplicates();
        assertThat(new TreeSet<>(results(killed))).isEqualTo(new TreeSet<>(results(whole)));
        assertThat(killed.resolve("plots").resolve("accuracy-budget.svg")).exists();
        assertThat(killed.resolve("summary.csv")).content().contains("particle-filter");

        var compared = Program.run("compare", killed.toString(), whole.toString());
        assertThat(compared.exitCode()).as(compared.err()).isZero();
        assertThat(compared.out()).contains("best-of-n").contains("+0.000");
    }

    @Test
    void faultsOfAFileAreToldWithTheirLines() throws IOException {
        var file = folder.resolve("faults.yaml");
        Files.writeString(file, """
                name: faults
                dataSets: [bundled]
                methods:
                  - particle-filter
                  - {id: best-off-n}
                  - {id: dvts, particels: 4}
                budgets: [1, 0]
                sedes: [1]
                """);
        var result = Program.run("sweep", file.toString(), "--validate");

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err())
                .contains(file + ":5 methods[1].id must be one of")
                .contains("did you mean `best-of-n`?")
                .contains(file + ":6 methods[2].particels is unknown")
                .contains(file + ":7 budgets[1] must be a whole number between 1")
                .contains(file + ":8 sedes is unknown");
    }

    @Test
    void brokenYamlIsToldWithItsLine() throws IOException {
        var file = folder.resolve("broken.yaml");
        Files.writeString(file, "name: x\ndataSets: [bundled\nseeds: 1\n");
        var result = Program.run("sweep", file.toString(), "--validate");

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains(file + ":3 must be YAML or JSON");
    }

    @Test
    void aDryRunCountsSharedWorkOnce() throws IOException {
        var result = Program.run(
                "sweep",
                sweep("").toString(),
                "--dry-run",
                "--out",
                folder.resolve("none").toString());

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("results:     84").contains("jobs:        4");
        // Filters of 1 and 4, best-of-n at 4 for itself and the votes, and greedy.
        assertThat(result.out()).contains("generations: " + PROBLEMS * (1 + 4 + 4 + 1));
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void aFileOfOtherFieldsIsReadByTheirNames() throws IOException {
        Files.writeString(folder.resolve("other.csv"), "nr,text,gold\n1,Evaluate 3 + 4.,7\n");
        var file = folder.resolve("other.yaml");
        Files.writeString(file, """
                dataSets:
                  - path: other.csv
                    systemPrompt: Be brief.
                    fields: {id: nr, question: text, answer: gold}
                """);
        assertThat(Main.commandLine().execute("sweep", file.toString(), "--validate"))
                .isZero();

        Files.writeString(file, Files.readString(file).replace("question:", "qestion:"));
        var err = new StringWriter();
        assertThat(Main.commandLine().setErr(new PrintWriter(err)).execute("sweep", file.toString(), "--validate"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains(file + ":4 fields must name those of id, question, answer: has qestion");
    }

    static Stream<Path> examples() throws IOException {
        var folder = Program.REPOSITORY.resolve("deploy/examples");
        try (var files = Files.list(folder);
                var paper = Files.list(folder.resolve("paper"))) {
            return Stream.concat(files, paper)
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    /** Every example says what it takes before it is run; those of the paper need its data sets. */
    @ParameterizedTest
    @MethodSource("examples")
    void anExampleSaysWhatItTakes(Path example) {
        boolean paper = example.getParent().endsWith("paper");
        boolean there = System.getenv("CLOUDCHAMBER_DATASETS") != null;
        if (paper && !there) {
            System.err.println("CLOUDCHAMBER_DATASETS is not set: " + example + " is not tested");
        }
        assumeTrue(!paper || there, "CLOUDCHAMBER_DATASETS is not set");
        var out = new StringWriter();
        int exitCode = Main.commandLine()
                .setOut(new PrintWriter(out))
                .execute("sweep", example.toString(), "--dry-run", "--out", folder.toString());

        assertThat(exitCode).as(out.toString()).isZero();
        assertThat(out.toString())
                .containsPattern("cells: +[1-9]")
                .containsPattern("generations: [1-9]")
                .containsPattern("tokens: +(at most|about) [1-9]")
                .containsPattern("disk: +about [1-9]");
    }

    /** One run beside other programs does not spoil what is known. */
    @Test
    void ratesAreTheMedianOfTheLastRuns() {
        var known = ApiClient.JSON.createObjectNode();
        for (double speed : new double[] {60, 1, 50, 70}) {
            known = Estimate.median(
                    known,
                    ApiClient.JSON
                            .createObjectNode()
                            .put("tokensPerGeneration", 80)
                            .put("generationsPerSecond", speed));
        }
        assertThat(known.path("generationsPerSecond").asDouble()).isEqualTo(55);
        assertThat(known.path("runs")).hasSize(4);
        for (int run = 0; run < 20; run++) {
            known = Estimate.median(
                    known,
                    ApiClient.JSON
                            .createObjectNode()
                            .put("tokensPerGeneration", 40)
                            .put("generationsPerSecond", 9));
        }
        assertThat(known.path("runs")).hasSize(9);
        assertThat(known.path("tokensPerGeneration").asDouble()).isEqualTo(40);
    }

    @Test
    void aRateIsToldInWords() {
        var open = new ScalingRate(
                .4, new Bound(Kind.EXACT, 2), new Bound(Kind.LESS_THAN, .25), new Bound(Kind.MORE_THAN, 4));
        var known = new ScalingRate(
                .4, new Bound(Kind.MORE_THAN, 16), new Bound(Kind.EXACT, 2), new Bound(Kind.MORE_THAN, 64));

        assertThat(SweepTables.words(open))
                .isEqualTo(
                        "2.00 (95 % interval: less than 0.25 to more than 4.00, open on both sides: these budgets and"
                                + " problems do not tell)");
        assertThat(SweepTables.words(known)).isEqualTo("more than 16.0 (95 % interval: 2.00 to more than 64.0)");
    }

    private Path sweep(String latency) throws IOException {
        var problems = folder.resolve("problems.jsonl");
        Files.writeString(
                problems,
                IntStream.rangeClosed(1, PROBLEMS)
                        .mapToObj(number ->
                                "{\"question\": \"Problem " + number + "\", \"answer\": \"" + number % 3 + "\"}")
                        .collect(Collectors.joining("\n")));
        var model = "simulated:" + Program.REPOSITORY.resolve("deploy/examples/hmm.json") + latency;
        var file = folder.resolve("sweep" + latency.length() + ".yaml");
        Files.writeString(file, """
                dataSets:
                  - path: problems.jsonl
                policies: ["%s"]
                prms: ["%s"]
                methods: [particle-filter, best-of-n, self-consistency, greedy]
                budgets: [1, 4]
                """.formatted(model, model));
        return file;
    }

    private static List<JsonNode> lines(Path folder) throws IOException {
        var file = folder.resolve("results.jsonl");
        if (!Files.exists(file)) {
            return List.of();
        }
        var text = Files.readString(file);
        var lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        return lines.stream().map(SweepCommandTest::parse).toList();
    }

    private static JsonNode parse(String line) {
        try {
            return ApiClient.JSON.readTree(line);
        } catch (IOException broken) {
            throw new AssertionError(line, broken);
        }
    }

    private static List<String> keys(Path folder) throws IOException {
        return lines(folder).stream()
                .map(line ->
                        line.path("cell").asText() + " " + line.path("problem").asText())
                .toList();
    }

    /** What does not depend on time, placement or the name of the model. */
    private static List<String> results(Path folder) throws IOException {
        return lines(folder).stream()
                .map(line -> line.path("method") + " " + line.path("budget") + " " + line.path("problem") + " "
                        + line.path("answer") + " " + line.path("posterior") + " " + line.path("logEvidence"))
                .toList();
    }
}
