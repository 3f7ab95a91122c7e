package cloudchamber.cli;

import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.engine.Model;
import cloudchamber.engine.fault.EngineException;
import cloudchamber.models.Installation;
import cloudchamber.models.ModelFolder;
import cloudchamber.prm.format.LabelFormat;
import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prm.llama.PublishedReading;
import cloudchamber.prompt.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
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
        description = "Lists the models there are, installs pretrained ones, and adds your own.",
        mixinStandardHelpOptions = true)
final class ModelsCommand implements Runnable {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    @Spec
    private CommandSpec specification;

    @Override
    public void run() {
        throw new ParameterException(specification.commandLine(), "models needs list, install or add: see below");
    }

    @Command(name = "list", description = "Lists the models by name.", mixinStandardHelpOptions = true)
    int list(@Option(names = "--json", description = "Print one JSON object.") boolean json) throws IOException {
        var folder = ModelFolder.standard();
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
        installation.install(ModelFolder.standard(), specification.commandLine().getErr());
        var out = specification.commandLine().getOut();
        out.println("installed " + name + " (" + installation.licence() + "), verified by SHA-256 "
                + installation.sha256());
        out.flush();
        return ExitCode.OK;
    }

    @Command(
            name = "add",
            description = "Registers a GGUF file that lies on this machine; the file stays where it is.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "A policy:  ./cloudchamber models add Qwen2.5-Math-1.5B-Instruct-Q8_0.gguf --template qwen2.5-math",
                "A PRM:     ./cloudchamber models add prm.gguf --template llama-3.1 --prm-format rlhflow --good + --bad -",
                "",
                "The file is read and its SHA-256 is kept: if it changes, it is not used any more."
            })
    int add(
            @Parameters(paramLabel = "FILE", description = "A GGUF file.") Path file,
            @Option(
                            names = "--template",
                            paramLabel = "T",
                            description =
                                    "How prompts are written: question, chatml, qwen2.5, qwen2.5-math, llama-3, llama-3.1, "
                                            + "llama-3.2, phi-4, mistral-v7 (default: what the file says).")
                    String template,
            @Option(
                            names = "--name",
                            paramLabel = "NAME",
                            description = "By which it is asked for (default: the file's name in lower case).")
                    String name,
            @Option(names = "--good", paramLabel = "TOKEN", description = "Of a PRM: the token for a right step.")
                    String good,
            @Option(names = "--bad", paramLabel = "TOKEN", description = "Of a PRM: the token for a wrong step.")
                    String bad,
            @Option(
                            names = "--prm-format",
                            paramLabel = "F",
                            description =
                                    "Of a PRM: rlhflow or math-shepherd (default: the question, then the steps as the answer).")
                    String prmFormat,
            @Option(
                            names = "--step-end",
                            paramLabel = "TEXT",
                            description = "Of a PRM: what a step ends with before it is judged; \\n is a new line.")
                    String stepEnd,
            @Option(names = "--sha256", paramLabel = "HEX", description = "What the file's SHA-256 must be.")
                    String sha256) {
        var metadata = metadata(template, prmFormat, good, bad, stepEnd);
        try (var model = Model.load(file.toAbsolutePath())) {
            if (sha256 != null && !sha256.equalsIgnoreCase(model.sha256())) {
                throw CommandFailure.unavailable(
                        "[" + file + "] must have the SHA-256 " + sha256 + ": has " + model.sha256());
            }
            var all = new HashMap<>(model.metadata());
            all.putAll(metadata);
            var used = template(all);
            requireToken(model, good, "--good");
            requireToken(model, bad, "--bad");
            var chosen = name == null ? nameOf(file) : name;
            if (!NAME.matcher(chosen).matches() || chosen.equals("bundled")) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--name must be lower-case letters, digits, dots and hyphens, and not bundled: was " + chosen);
            }
            ModelFolder.standard()
                    .register(chosen, file.toAbsolutePath().normalize(), model.sha256(), metadata, file.toString());
            var out = specification.commandLine().getOut();
            out.printf(
                    Locale.ROOT,
                    "added %s: %s, %.1f M parameters in %s (exact mode: %s), template %s, SHA-256 %s%n",
                    chosen,
                    model.architecture(),
                    model.parameters() / 1e6,
                    model.weightType(),
                    model.exactness().id(),
                    used.id(),
                    model.sha256());
            out.flush();
            return ExitCode.OK;
        } catch (EngineException unusable) {
            throw CommandFailure.unavailable("the model cannot be added: " + unusable.getMessage());
        }
    }

    private static ChatTemplate template(Map<String, String> metadata) {
        try {
            return ChatTemplate.of(metadata);
        } catch (IllegalArgumentException unknown) {
            throw CommandFailure.unavailable("the model cannot be added: " + unknown.getMessage());
        }
    }

    private static Map<String, String> metadata(
            String template, String prmFormat, String good, String bad, String stepEnd) {
        if ((good == null) != (bad == null)) {
            throw new CommandFailure(ExitCode.USAGE, "--good and --bad must be given together: one was missing");
        }
        var metadata = new HashMap<String, String>();
        if (template != null) {
            ChatTemplate.byId(template)
                    .orElseThrow(() -> new CommandFailure(
                            ExitCode.USAGE, "--template must be one of " + ChatTemplate.ids() + ": was " + template));
            metadata.put(ChatTemplate.METADATA_KEY, template);
        }
        if (prmFormat != null) {
            if (!PrmFormat.readInProcess().contains(prmFormat)) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--prm-format must be one of " + PrmFormat.readInProcess() + ": was " + prmFormat);
            }
            metadata.put(PublishedReading.FORMAT_KEY, prmFormat);
        }
        if (good != null) {
            metadata.put(LabelFormat.GOOD_KEY, good);
            metadata.put(LabelFormat.BAD_KEY, bad);
            metadata.put(LabelFormat.STEP_END_KEY, stepEnd == null ? "" : stepEnd.replace("\\n", "\n"));
        }
        return metadata;
    }

    private static void requireToken(Model model, String spelling, String option) {
        if (spelling != null && model.tokenizer().token(spelling).isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE, option + " must be one token of the model's vocabulary: was \"" + spelling + "\"");
        }
    }

    private static String nameOf(Path file) {
        return file.getFileName().toString().replaceFirst("\\.gguf$", "").toLowerCase(Locale.ROOT);
    }
}
