package cloudchamber.cli;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Home;
import cloudchamber.coordinator.journal.Backup;
import cloudchamber.coordinator.journal.StorageException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Copies a data directory. */
@Command(
        name = "backup",
        description = {
            "Copies a data directory into one file, as it stands at one moment, while its server runs or not.",
            "The copy is read again from one end to the other before it gets its name."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "  ./cloudchamber backup jobs.db --data DIR    copies",
            "  ./cloudchamber restore jobs.db --data NEW   makes a data directory of the copy",
            "",
            "A server with --database keeps its jobs in PostgreSQL: copy that with pg_dump --format=custom, which is",
            "consistent too, and bring it back with pg_restore."
        })
final class BackupCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "Where to; not there yet.")
    private Path file;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data directory (default: ~/.cloudchamber/data, as of start).")
    private Path data = Home.defaultData();

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        if (System.getenv("CLOUDCHAMBER_DATABASE") != null) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "jobs must be in a data directory to be copied by this command: CLOUDCHAMBER_DATABASE names a"
                            + " PostgreSQL database; copy it with pg_dump --format=custom");
        }
        try {
            print(specification, file + " holds ", Backup.write(data, file));
        } catch (StorageException failed) {
            throw CommandFailure.unavailable(failed.getMessage());
        }
        return ExitCode.OK;
    }

    static void print(CommandSpec specification, String beginning, Backup.Contents contents) {
        var out = specification.commandLine().getOut();
        out.printf(
                "%s%d jobs with %d problems, %d events, schema %s, %s; every checksum was right%n",
                beginning,
                contents.jobs(),
                contents.problems(),
                contents.events(),
                contents.schema(),
                StorageCommand.megabytes(contents.bytes()));
        out.flush();
    }
}
