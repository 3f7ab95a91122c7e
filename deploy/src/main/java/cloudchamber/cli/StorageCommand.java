package cloudchamber.cli;

import cloudchamber.cli.options.ServerAddress;
import cloudchamber.console.ExitCode;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What a running server's database takes up. */
@Command(
        name = "storage",
        description = "Shows what the database of a running server takes up, and how long jobs stay.",
        mixinStandardHelpOptions = true,
        footer = {"", "./cloudchamber gc removes jobs; ./cloudchamber backup copies them."})
final class StorageCommand implements Callable<Integer> {
    private static final double MEGABYTE = 1 << 20;
    private static final long SECONDS_A_DAY = 24 * 60 * 60;

    @Mixin
    private ServerAddress server;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        var storage = server.api().get("/api/v1/storage");
        var out = specification.commandLine().getOut();
        out.println(server.json() ? storage : text(storage));
        out.flush();
        return ExitCode.OK;
    }

    static String text(JsonNode storage) {
        var free = storage.path("freeBytes");
        var retention = storage.path("retentionSeconds");
        return storage.path("database").asText() + ": "
                + megabytes(storage.path("bytes").asLong())
                + ", of which " + megabytes(storage.path("reusableBytes").asLong()) + " are free for new jobs"
                + (free.isNull() ? "" : "; " + megabytes(free.asLong()) + " are free on the disk")
                + "; jobs stay "
                + (retention.isNull()
                        ? "for ever"
                        : String.format(
                                Locale.ROOT, "%.1f days after their end", (double) retention.asLong() / SECONDS_A_DAY));
    }

    static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / MEGABYTE);
    }
}
