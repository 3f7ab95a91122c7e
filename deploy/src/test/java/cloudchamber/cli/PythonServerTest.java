package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The example of a server in Python, run as its first lines say. */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class PythonServerTest {
    private static final long MINUTES = 10;

    @TempDir
    private Path folder;

    @Test
    void particleFilterRunsOnAPolicyAndAPrmInPython() throws Exception {
        run("python3", "-m", "venv", "venv");
        run("venv/bin/pip", "install", "--quiet", "grpcio==1.85.3", "grpcio-tools==1.85.1");
        var examples = Program.REPOSITORY.resolve("deploy/examples/grpc");
        Files.copy(examples.resolve("server.py"), folder.resolve("server.py"));
        run(
                "venv/bin/python",
                "-m",
                "grpc_tools.protoc",
                "-I",
                Program.REPOSITORY.resolve("protocol/src/main/protobuf").toString(),
                "--python_out=.",
                "--grpc_python_out=.",
                "cloudchamber/worker/v1/worker.proto");
        var server = new ProcessBuilder("venv/bin/python", "server.py", "0")
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var said = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            var url = "grpc:http://" + said.readLine().substring("grpc: ".length());

            var solved = Program.run("solve", "--policy", url, "--prm", url, "--json", "What is 30 + 4 + 5?");

            assertThat(solved.exitCode()).as(solved.err()).isZero();
            assertThat(solved.json().path("answer").asText()).isEqualTo("39");
        } finally {
            server.destroyForcibly();
            server.onExit().join();
        }
    }

    private void run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(MINUTES, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
    }
}
