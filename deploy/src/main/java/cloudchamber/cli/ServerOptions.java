package cloudchamber.cli;

import cloudchamber.protocol.Role;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** The options of every command that can start a node of its own. */
final class ServerOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Data directory of the embedded server (default: ~/.cloudchamber/data).")
    private Path data;

    /** A node with every role on free ports, for one command. */
    NodeOptions everything(List<String> policies, List<String> prms, int httpPort) {
        return new NodeOptions(
                EnumSet.allOf(Role.class), policies, prms, 0, List.of(), OptionalInt.of(httpPort), data());
    }

    Path data() {
        return data == null ? Home.defaultData() : data;
    }
}
