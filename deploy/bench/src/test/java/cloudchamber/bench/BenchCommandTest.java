package cloudchamber.bench;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchCommandTest {

    /** Half as good as it could be. */
    private record Half(Supplier<Figure> headline) implements Benchmark {
        @Override
        public String id() {
            return "H";
        }

        @Override
        public String title() {
            return "half";
        }

        @Override
        public String ideal() {
            return "The score is ideal over measured.";
        }

        @Override
        public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
            output.progress("halving");
            if (settings.all()) {
                output.figure(figure("a case", settings.seed()));
            }
            return headline.get().with("seedGiven", settings.seed());
        }
    }

    private static Figure figure(String name, long seed) {
        return new Figure(name, .5, Figure.Direction.HIGHER, .4, 1, 2, "s", seed, Map.of("parts", 2));
    }

    private record Ran(int exitCode, List<String> out, String err) {}

    private static Ran run(Benchmark benchmark, String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int exitCode = new CommandLine(new BenchCommand(List.of(benchmark)))
                .setExecutionExceptionHandler(
                        (failure, line, parsed) -> failure instanceof CommandFailure expected ? expected.exitCode() : 9)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Ran(exitCode, out.toString().lines().toList(), err.toString());
    }

    private static final Benchmark WELL = new Half(() -> figure("headline", 1));

    @Test
    void aLineIsAnObjectAndTheLastOneIsTheHeadline() throws JsonProcessingException {
        var ran = run(WELL, "h", "--all", "--seed", "5", "--json");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).hasSize(2);
        var first = ApiClient.JSON.readTree(ran.out().getFirst());
        var last = ApiClient.JSON.readTree(ran.out().getLast());
        assertThat(first.path("case").asText()).isEqualTo("a case");
        assertThat(last.path("id").asText()).isEqualTo("H");
        assertThat(last.path("case").asText()).isEqualTo("headline");
        assertThat(last.path("score").asDouble()).isEqualTo(.5);
        assertThat(last.path("direction").asText()).isEqualTo("higher");
        assertThat(last.path("goal").asDouble()).isEqualTo(.4);
        assertThat(last.path("met").asBoolean()).isTrue();
        assertThat(last.path("ideal").asDouble()).isEqualTo(1);
        assertThat(last.path("measured").asDouble()).isEqualTo(2);
        assertThat(last.path("command").asText()).isEqualTo("./cloudchamber bench H --all --seed 5 --json");
        assertThat(last.path("details").path("parts").asInt()).isEqualTo(2);
        assertThat(last.path("details").path("seedGiven").asInt()).isEqualTo(5);
        assertThat(ran.err()).contains("H: halving");
    }

    @Test
    void withoutIdsTheBenchmarksAreListed() {
        var ran = run(WELL);

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).anyMatch(line -> line.startsWith("H ")).anyMatch(line -> line.contains("ideal over"));
    }

    @Test
    void unknownIdsAreRefusedBeforeAnythingRuns() {
        var ran = run(WELL, "H", "B0");

        assertThat(ran.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void noFigureIsAFailure() {
        var ran = run(
                new Half(() -> {
                    throw new BenchmarkFailure("nothing to measure");
                }),
                "H");

        assertThat(ran.exitCode()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void whetherAGoalIsMetDependsOnTheDirection() {
        var lower = new Figure("", .5, Figure.Direction.LOWER, .4, 1, 2, "s", 1, Map.of());

        assertThat(lower.met()).isFalse();
        assertThat(figure("", 1).met()).isTrue();
    }

    @Test
    void idsDiffer() {
        assertThat(Benchmarks.all()).extracting(Benchmark::id).doesNotHaveDuplicates();
    }
}
