package cloudchamber.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What makes a shell complete the program's commands. */
@Command(
        name = "completion",
        description = "Prints a script that lets bash and zsh complete commands and options.",
        mixinStandardHelpOptions = true,
        footer = {"", "  source <(./cloudchamber completion)"})
final class CompletionCommand implements Runnable {
    @Spec
    private CommandSpec specification;

    @Override
    public void run() {
        var out = specification.commandLine().getOut();
        out.println(
                AutoComplete.bash("cloudchamber", specification.commandLine().getParent()));
        out.flush();
    }
}
