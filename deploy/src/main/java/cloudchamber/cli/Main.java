package cloudchamber.cli;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.Home;
import cloudchamber.console.ProgramVersion;
import java.util.ServiceLoader;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program. */
@Command(
        name = "cloudchamber",
        description = "Answers hard questions with small language models by particle filtering, on a cluster.",
        mixinStandardHelpOptions = true,
        version = "cloudchamber " + ProgramVersion.CURRENT,
        subcommands = {
            DemoCommand.class,
            SolveCommand.class,
            StartCommand.class,
            JobsCommand.class,
            JobCommand.class,
            ReplayCommand.class,
            CancelCommand.class,
            StorageCommand.class,
            GcCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            ClusterCommand.class,
            WorkersCommand.class,
            CertsCommand.class,
            ConfigCommand.class,
            DoctorCommand.class,
            CompletionCommand.class,
            SweepCommand.class,
            CompareCommand.class,
            DataCommand.class,
            KeysCommand.class,
            OracleCommand.class,
            ModelsCommand.class,
            BackendCommand.class,
            ServeGrpcCommand.class,
            EngineCommand.class,
            HelpCommand.class
        },
        footerHeading = "%nStart here:%n",
        footer = {
            "  ./cloudchamber demo --once                solve 20 bundled problems and show a table",
            "  ./cloudchamber solve \"Evaluate 3 + 4.\"    one problem, with its steps and scores",
            "  ./cloudchamber start                      a server with all roles, HTTP on port 8080"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:done, but a problem failed or a published figure was not met",
            "2:the command was not understood",
            "3:something it needs is missing: a server, a file, a model, a tool"
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec specification;

    /** Runs the command line and exits with its code. */
    public static void main(String[] arguments) {
        Home.ofEnvironment(System.getenv());
        // Before any actor system, whose threads would otherwise meet a logger that is not ready.
        LoggerFactory.getILoggerFactory();
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        var program = new CommandLine(new Main());
        ServiceLoader.load(OptionalCommand.class).forEach(program::addSubcommand);
        return program.setExecutionExceptionHandler((failure, commandLine, parsed) -> {
            if (failure instanceof CommandFailure expected) {
                commandLine.getErr().println("cloudchamber: " + expected.getMessage());
                return expected.exitCode();
            }
            throw failure;
        });
    }

    @Override
    public void run() {
        throw new ParameterException(specification.commandLine(), "a command must be given: see below");
    }
}
