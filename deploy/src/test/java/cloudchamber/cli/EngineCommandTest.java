package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.console.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands about libraries and models say, and with which code they end. */
class EngineCommandTest {
    private static final Path BUNDLED = Program.REPOSITORY.resolve("deploy/models/bundled-policy.gguf");

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void nameTheDistribution() {
        System.setProperty("cloudchamber.home", Program.REPOSITORY.toString());
    }

    private int run(String... arguments) {
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    /** In processes of their own: a process uses the library that it loaded first. */
    @Test
    void theLibraryInUseIsShown() {
        var result = Program.run("engine", "--json", "--llama-library", "bundled");

        assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.OK);
        var shown = result.json();
        assertThat(shown.path("library").asText()).isEqualTo("llama.cpp b4916");
        assertThat(shown.path("reason").asText()).isEqualTo("the bundled one was asked for");
        assertThat(shown.path("cpuVariant").asText()).isEqualTo("avx2");
        assertThat(shown.path("exactness").asText()).isEqualTo("proven");
        assertThat(shown.path("numericsClass").asText()).startsWith("b4916-93276c536d00/avx2/");
    }

    @Test
    void aLibraryThatCannotBeUsedIsRefusedWithASentence() {
        var foreign = Program.run("engine", "--llama-library", folder.toString());
        assertThat(foreign.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(foreign.err()).contains("must hold a libllama.so or libllama.VERSION.so");

        var gpu = Program.run("engine", "--llama-library", "bundled", "--gpu-layers", "3");
        assertThat(gpu.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(gpu.err()).contains("layers on a GPU need a library with GPU kernels");

        assertThat(run("engine", "install", "tpu")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("PACKAGE must be one of cpu, cuda, vulkan: was tpu");
    }

    @Test
    void aModelThatCannotBeUsedIsNotAdded() throws IOException {
        var foreign = Files.writeString(folder.resolve("foreign.gguf"), "not a model");

        assertThat(run("models", "add", foreign.toString())).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(err.toString()).contains("the model cannot be added: ").contains("must start with GGUF");

        assertThat(run("models", "add", BUNDLED.toString(), "--template", "llama-9"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--template must be one of [question, chatml, ");

        assertThat(run("models", "add", BUNDLED.toString(), "--prm-format", "paper"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--prm-format must be one of [math-shepherd, rlhflow]: was paper");

        assertThat(run("models", "add", BUNDLED.toString(), "--sha256", "00")).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(err.toString()).contains("must have the SHA-256 00: has ");

        assertThat(run("models", "add", BUNDLED.toString(), "--good", "no such token", "--bad", "-"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--good must be one token of the model's vocabulary");
    }
}
