package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.console.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    @TempDir
    private Path folder;

    /** The whole demo, as the README shows it: same seed, same numerics class, same figures. */
    @Test
    void theDemoShowsWhatTheReadmeSays() throws IOException {
        var result = Program.run("demo", "--once");

        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        assertThat(result.out()).containsAnyOf("as published in the README", "this machine has another numerics class");
        assertThat(result.out().lines().filter(line -> line.startsWith("b")).count())
                .isEqualTo(20);
    }

    @Test
    void theReadmeHasThePublishedFigures() throws IOException {
        var published = DemoFigures.published();
        var readme = Files.readString(Program.REPOSITORY.resolve("README.md"));

        assertThat(readme)
                .contains(figure("pass@1", (double) published.passAtOne() / published.passAtOneRuns()))
                .contains(figure("particle filter", (double) published.particleFilter() / published.problems()))
                .contains(published.policyClass());
    }

    private static String figure(String name, double value) {
        return String.format(Locale.ROOT, "%-16s %.3f", name, value);
    }

    @Test
    void aBrokenProblemFileIsNamedWithItsLine() throws IOException {
        var file = folder.resolve("problems.jsonl");
        Files.writeString(file, "{\"question\":\"Evaluate 1 + 1.\",\"answer\":\"2\"}\n{\"question\":\"?\"}\n");

        var result = Program.run("demo", "--once", "--problems", file.toString());

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains(file + ":2 must have an answer, in a field answer or");
    }

    @Test
    void anUnknownModelIsNamedWithThoseThereAre() {
        var result = Program.run("solve", "Evaluate 1 + 1.", "--policy", "gpt");

        assertThat(result.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(result.err()).contains("no model is named [gpt]: there are [bundled");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void aServerThatIsNotThereIsSaidSo() {
        var result = Program.run("solve", "Evaluate 1 + 1.", "--url", "http://127.0.0.1:9");

        assertThat(result.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(result.err()).contains("no server answers at http://127.0.0.1:9");
    }
}
