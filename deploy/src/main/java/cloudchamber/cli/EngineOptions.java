package cloudchamber.cli;

import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.engine.library.LibraryChoice.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which native library runs the models, and how: options of every command that may load one. */
final class EngineOptions {
    private static final String LIBRARY = "--llama-library";
    private static final String VARIANT = "--cpu-variant";
    private static final String GPU_LAYERS = "--gpu-layers";

    @Option(
            names = LIBRARY,
            paramLabel = "DIR",
            description = {
                "Run models with the llama.cpp in this folder, or with the bundled one if DIR is \"bundled\"",
                "(default: an installed one, else the bundled one; see ./cloudchamber engine)."
            })
    private String library;

    @Option(
            names = VARIANT,
            paramLabel = "NAME",
            description = {
                "Use the kernels of this processor family; equal families compute equal bits (default: haswell, which",
                "nearly all machines run, else the best this one runs; see ./cloudchamber engine)."
            })
    private String variant;

    @Option(
            names = GPU_LAYERS,
            paramLabel = "N",
            description = "Put N layers of every model on a GPU; needs a library with GPU kernels (default: 0).")
    private Integer gpuLayers;

    /** What was asked for; what was not comes from the system properties. */
    LibraryChoice choice() {
        var standard = LibraryChoice.ofProperties();
        if (gpuLayers != null && gpuLayers < 0) {
            throw new CommandFailure(ExitCode.USAGE, GPU_LAYERS + " must be at least 0: was " + gpuLayers);
        }
        return new LibraryChoice(
                library == null ? standard.source() : Source.parse(library),
                Optional.ofNullable(variant).or(standard::cpuVariant),
                gpuLayers == null ? standard.gpuLayers() : gpuLayers);
    }

    /** The same, for another process. */
    List<String> arguments() {
        var arguments = new ArrayList<String>();
        if (library != null) {
            arguments.addAll(List.of(LIBRARY, library));
        }
        if (variant != null) {
            arguments.addAll(List.of(VARIANT, variant));
        }
        if (gpuLayers != null) {
            arguments.addAll(List.of(GPU_LAYERS, gpuLayers.toString()));
        }
        return arguments;
    }
}
