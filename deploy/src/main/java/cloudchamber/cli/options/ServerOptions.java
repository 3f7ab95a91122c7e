package cloudchamber.cli.options;

import cloudchamber.console.Home;
import cloudchamber.models.Models;
import cloudchamber.node.NodeOptions;
import cloudchamber.protocol.wire.Role;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that can start a node of its own. */
public final class ServerOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = {
                "Data directory: jobs are kept in it and go on after a restart (default of start:",
                "~/.cloudchamber/data; of other commands: one that goes with them)."
            })
    private Path data;

    @Option(
            names = "--database",
            paramLabel = "URL",
            description = {
                "A database that several coordinators share, jdbc:postgresql://HOST:PORT/NAME (default: SQLite in",
                "the data directory). User and password: CLOUDCHAMBER_DATABASE_USER, CLOUDCHAMBER_DATABASE_PASSWORD."
            })
    private String database;

    @Mixin
    private EngineOptions engine;

    /** The models, run by the library that was asked for. */
    public Models models() {
        return Models.runBy(engine.choice(), engine.settings());
    }

    public EngineOptions engine() {
        return engine;
    }

    /** A node with every role on free ports, for one command. */
    public NodeOptions everything(List<String> policies, List<String> prms, int httpPort) {
        return everything(policies, prms, httpPort, embeddedData());
    }

    /** The same with a data directory of the command's own, unless the user named one. */
    public NodeOptions everythingIn(Path standardData, List<String> policies, List<String> prms) {
        return everything(policies, prms, 0, data == null ? standardData : data);
    }

    private NodeOptions everything(List<String> policies, List<String> prms, int httpPort, Path directory) {
        return new NodeOptions(
                EnumSet.allOf(Role.class),
                policies,
                prms,
                0,
                List.of(),
                OptionalInt.of(httpPort),
                directory,
                database());
    }

    /** Of a server that runs for one command. */
    public Path embeddedData() {
        return data == null ? Home.temporaryData() : data;
    }

    public Path data() {
        return data == null ? Home.defaultData() : data;
    }

    public Optional<String> database() {
        return Optional.ofNullable(database).or(() -> Optional.ofNullable(System.getenv("CLOUDCHAMBER_DATABASE")));
    }
}
