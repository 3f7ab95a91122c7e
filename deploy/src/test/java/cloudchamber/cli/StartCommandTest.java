package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartCommandTest {
    private static String refusal(String... arguments) {
        var err = new StringWriter();
        int exitCode = Main.commandLine().setErr(new PrintWriter(err, true)).execute(arguments);
        assertThat(exitCode).isEqualTo(ExitCode.USAGE);
        return err.toString();
    }

    /** The cluster's port has no keys: whoever reaches it is a member. */
    @Test
    void clusterIsNotOpenedToOtherMachinesUnasked() {
        assertThat(refusal("start", "--host", "192.0.2.1")).contains("loopback", "192.0.2.1", "--insecure-cluster");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::"})
    void hostIsOneAddressThatOthersReach(String host) {
        assertThat(refusal("start", "--host", host, "--insecure-cluster")).contains("--host", host);
    }
}
