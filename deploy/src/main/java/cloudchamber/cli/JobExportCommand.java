package cloudchamber.cli;

import cloudchamber.cli.options.Credentials;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes out all that is known of a job. */
@Command(
        name = "export",
        description = {
            "Writes out every step, score, particle, ancestor and seed of a job, one JSON object a line.",
            "Each has a kind: job, problem, step, population or outcome. coordinator/HTTP.md says what stands in them;"
                    + " deploy/examples/export.py reads them with pandas."
        },
        mixinStandardHelpOptions = true)
final class JobExportCommand implements Callable<Integer> {

    /** How lines are written. */
    enum Format {
        /** A JSON object a line. */
        jsonl
    }

    private static final String ERROR = "{\"kind\":\"error\"";

    @Parameters(paramLabel = "JOB", description = "The job's id.")
    private String id;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "jsonl",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Option(names = "--out", paramLabel = "FILE", description = "Write there instead of standard output.")
    private Path file;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "The server to ask (default: ${DEFAULT-VALUE}).")
    private String url;

    @Mixin
    private Credentials credentials;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        try (var lines = credentials.of(url).export(id)) {
            if (file == null) {
                var out = specification.commandLine().getOut();
                lines.forEach(line -> {
                    out.println(line);
                    out.flush();
                    refuseIfCut(line);
                });
            } else {
                write(lines);
            }
        } catch (UncheckedIOException broken) {
            throw CommandFailure.unavailable("the server at " + url + " must send to the end: broke off: " + broken);
        }
        return ExitCode.OK;
    }

    /** A server that cannot go on says so in its last line. */
    private static void refuseIfCut(String line) {
        if (line.startsWith(ERROR)) {
            throw CommandFailure.unavailable("the export must be whole: the server ended it with " + line);
        }
    }

    /** The file is there once it is whole. */
    private void write(Stream<String> lines) {
        var part = file.resolveSibling(file.getFileName() + ".part");
        try {
            try (var out = Files.newBufferedWriter(part)) {
                for (var line : (Iterable<String>) lines::iterator) {
                    out.write(line);
                    out.write('\n');
                    refuseIfCut(line);
                }
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException unwritable) {
            throw CommandFailure.unavailable(file + " must be a file that can be written: " + unwritable);
        }
    }
}
