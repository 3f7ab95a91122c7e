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

/** Makes a data directory of a copy. */
@Command(
        name = "restore",
        description = {
            "Makes a data directory of a copy that ./cloudchamber backup made, also an earlier version's.",
            "The copy is read from one end to the other first; one that is not whole is refused, and leaves nothing."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Jobs that were not over when the copy was made go on when a server starts in the directory."})
final class RestoreCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The copy.")
    private Path file;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data directory, without a database (default: ~/.cloudchamber/data, as of start).")
    private Path data = Home.defaultData();

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        try {
            BackupCommand.print(specification, data + " holds ", Backup.restore(file, data));
        } catch (StorageException failed) {
            throw CommandFailure.unavailable(failed.getMessage());
        }
        return ExitCode.OK;
    }
}
