package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.console.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartCommandTest {
    @TempDir
    private Path folder;

    private static String run(int expectedExitCode, String... arguments) {
        var said = new StringWriter();
        var writer = new PrintWriter(said, true);
        int exitCode = Main.commandLine().setErr(writer).setOut(writer).execute(arguments);
        assertThat(exitCode).as(said.toString()).isEqualTo(expectedExitCode);
        return said.toString();
    }

    private static String refusal(String... arguments) {
        return run(ExitCode.USAGE, arguments);
    }

    /** Without TLS whoever reaches the cluster's port is a member. */
    @Test
    void clusterIsNotOpenedToOtherMachinesUnasked() {
        assertThat(refusal("start", "--host", "192.0.2.1"))
                .contains("loopback", "192.0.2.1", "--tls-directory", "--insecure-cluster");
    }

    /** The port cannot be had: the address is no machine's. The warning comes before. */
    @Test
    void anOpenClusterIsWarnedOf() {
        var data = folder.resolve("data").toString();
        assertThat(run(
                        ExitCode.UNAVAILABLE,
                        "start",
                        "--host",
                        "192.0.2.1",
                        "--insecure-cluster",
                        "--role",
                        "coordinator",
                        "--data",
                        data))
                .contains("warning: the cluster's port has no TLS", "192.0.2.1");
    }

    @Test
    void aCertificateIsMadeShownAndAskedFor() throws IOException {
        var authority = folder.resolve("certs").toString();
        assertThat(run(ExitCode.UNAVAILABLE, "certs", "issue", "192.0.2.7", "--directory", authority))
                .contains("ca.crt", "must be there");
        run(ExitCode.OK, "certs", "init", "--directory", authority);
        assertThat(refusal("certs", "init", "--directory", authority)).contains("no authority yet");
        assertThat(run(ExitCode.OK, "certs", "issue", "192.0.2.7", "gpu1", "--directory", authority))
                .contains("192.0.2.7, gpu1", "--tls-directory");
        assertThat(refusal("certs", "issue", "192.0.2.7", "--directory", authority))
                .contains("--replace");
        var issued = folder.resolve("certs").resolve("192.0.2.7");
        assertThat(run(ExitCode.OK, "certs", "show", issued.toString(), "--json"))
                .contains("\"hosts\":[\"192.0.2.7\",\"gpu1\"]");

        assertThat(refusal("start", "--host", "192.0.2.8", "--tls-directory", issued.toString()))
                .contains("--host must be one of the certificate's names [192.0.2.7, gpu1]: was 192.0.2.8");
        assertThat(refusal("start", "--insecure-cluster", "--tls-directory", issued.toString()))
                .contains("must not be given together");
        Files.delete(issued.resolve("tls.key"));
        assertThat(run(ExitCode.UNAVAILABLE, "start", "--host", "192.0.2.7", "--tls-directory", issued.toString()))
                .contains("tls.key");
        assertThat(run(
                        ExitCode.UNAVAILABLE,
                        "start",
                        "--tls-directory",
                        folder.resolve("none").toString()))
                .contains("TLS directory must be a folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::"})
    void hostIsOneAddressThatOthersReach(String host) {
        assertThat(refusal("start", "--host", host, "--insecure-cluster")).contains("--host", host);
    }
}
