package cloudchamber.cli.options;

import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.models.Models;
import cloudchamber.node.ClusterNode;
import cloudchamber.node.NodeOptions;
import cloudchamber.protocol.wire.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that asks a running server. */
public final class ServerAddress {
    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "The server to ask (default: ${DEFAULT-VALUE}).")
    private String url;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = {
                "Ask no server: open this data directory, which no server may have open, for as long as the command",
                "takes. Jobs in it that are not over wait meanwhile."
            })
    private Path data;

    @Option(names = "--json", description = "Print what the server says, one JSON object.")
    private boolean json;

    @Mixin
    private Credentials credentials;

    public ApiClient api() {
        return data == null ? credentials.of(url) : embedded();
    }

    /** Of a coordinator of this process, without workers; it goes with the process. */
    private ApiClient embedded() {
        if (!Files.isDirectory(data)) {
            throw CommandFailure.unavailable("--data must be a data directory: was " + data);
        }
        var node = ClusterNode.start(
                new NodeOptions(
                        EnumSet.of(Role.COORDINATOR),
                        List.of(),
                        List.of(),
                        0,
                        List.of(),
                        OptionalInt.of(0),
                        data,
                        Optional.empty()),
                Models.standard());
        Runtime.getRuntime().addShutdownHook(new Thread(node::close));
        return node.api();
    }

    public boolean json() {
        return json;
    }
}
