package cloudchamber.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which models there are. */
@Command(
        name = "models",
        description = "Lists the models there are, and installs pretrained ones.",
        mixinStandardHelpOptions = true)
final class ModelsCommand implements Runnable {
    @Spec
    private CommandSpec specification;

    @Override
    public void run() {
        throw new ParameterException(specification.commandLine(), "models needs list or install: see below");
    }

    @Command(name = "list", description = "Lists the models by name.", mixinStandardHelpOptions = true)
    int list(@Option(names = "--json", description = "Print one JSON object.") boolean json) throws IOException {
        var folder = Models.folder();
        var models = ApiClient.JSON.createObjectNode();
        var lines = models.putArray("models");
        var entries = new ArrayList<>(List.of(folder.policy("bundled"), folder.prm("bundled")));
        entries.addAll(folder.list());
        for (var entry : entries) {
            lines.addObject()
                    .put("name", entry.name())
                    .put("kind", kind(folder, entry))
                    .put("file", entry.file().toString())
                    .put("bytes", Files.size(entry.file()))
                    .put("sha256", Installation.sha256(Files.newInputStream(entry.file())));
        }
        var out = specification.commandLine().getOut();
        if (json) {
            out.println(models);
        } else {
            for (var line : lines) {
                out.printf(
                        Locale.ROOT,
                        "%-14s %-13s %9.1f MB  %s  %s%n",
                        line.path("name").asText(),
                        line.path("kind").asText(),
                        line.path("bytes").asLong() / 1e6,
                        line.path("sha256").asText().substring(0, 12),
                        line.path("file").asText());
            }
            var missing = Installation.KNOWN.stream()
                    .map(Installation::name)
                    .filter(name ->
                            entries.stream().noneMatch(entry -> entry.name().equals(name)))
                    .collect(Collectors.joining(", "));
            if (!missing.isEmpty()) {
                out.println("can be installed: " + missing);
            }
        }
        out.flush();
        return ExitCode.OK;
    }

    private static String kind(ModelFolder folder, ModelFolder.Entry entry) {
        if (entry.equals(folder.policy("bundled"))) {
            return "policy";
        }
        return entry.equals(folder.prm("bundled")) ? "prm" : "policy, judge";
    }

    @Command(name = "install", description = "Installs a pretrained model.", mixinStandardHelpOptions = true)
    int install(@Parameters(paramLabel = "NAME", description = "Such as smollm2-135m.") String name) {
        var installation = Installation.byName(name)
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.USAGE,
                        "NAME must be one of "
                                + Installation.KNOWN.stream()
                                        .map(Installation::name)
                                        .toList() + ": was " + name));
        installation.install(Models.folder(), specification.commandLine().getErr());
        var out = specification.commandLine().getOut();
        out.println("installed " + name + " (" + installation.licence() + "), verified by SHA-256 "
                + installation.sha256());
        out.flush();
        return ExitCode.OK;
    }
}
