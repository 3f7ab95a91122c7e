package cloudchamber.cli;

import cloudchamber.cli.options.ServerAddress;
import cloudchamber.client.ApiClient;
import cloudchamber.console.ExitCode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Removes jobs that have been over for long. */
@Command(
        name = "gc",
        description = {
            "Removes the jobs of a running server that have been over for long, with all they left.",
            "Jobs that are not over stay, and so do those of sweeps that are not over."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "  ./cloudchamber gc --older-than 30d --dry-run    says what would go",
            "  ./cloudchamber gc --older-than 30d --compact    removes it, and gives the room back to the disk",
            "",
            "The setting cloudchamber.job.retention has a server do it by itself. What goes does not come back:",
            "./cloudchamber backup copies it."
        })
final class GcCommand implements Callable<Integer> {

    /** A number with d, h, m or s. */
    static final class Age implements ITypeConverter<Duration> {
        private static final Pattern AGE = Pattern.compile("(\\d{1,6})([dhms])");
        private static final Map<String, Duration> UNITS = Map.of(
                "d", Duration.ofDays(1),
                "h", Duration.ofHours(1),
                "m", Duration.ofMinutes(1),
                "s", Duration.ofSeconds(1));

        @Override
        public Duration convert(String text) {
            var matcher = AGE.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException(
                        "must be a number of days, hours, minutes or seconds, such as 30d: was " + text);
            }
            return UNITS.get(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1)));
        }
    }

    @Option(
            names = "--older-than",
            paramLabel = "AGE",
            required = true,
            converter = Age.class,
            description = "Jobs that ended longer ago go, such as 30d, 12h, 90m or 0s.")
    private Duration olderThan;

    @Option(names = "--dry-run", description = "Only say what would go.")
    private boolean dryRun;

    @Option(
            names = "--compact",
            description = "Give the room back to the disk. The server writes nothing meanwhile; without it the room is"
                    + " filled again by new jobs.")
    private boolean compact;

    @Mixin
    private ServerAddress server;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        var removal = server.api()
                .postPatiently(
                        "/api/v1/storage/removals",
                        ApiClient.JSON
                                .createObjectNode()
                                .put("olderThanSeconds", olderThan.toSeconds())
                                .put("dryRun", dryRun)
                                .put("compact", compact));
        PrintWriter out = specification.commandLine().getOut();
        if (server.json()) {
            out.println(removal);
        } else {
            out.printf(
                    "%s %d jobs with %d problems, about %s%n",
                    dryRun ? "would remove" : "removed",
                    removal.path("jobs").asLong(),
                    removal.path("problems").asLong(),
                    StorageCommand.megabytes(removal.path("bytes").asLong()));
            out.println(StorageCommand.text(removal.path("storage")));
        }
        out.flush();
        return ExitCode.OK;
    }
}
