package cloudchamber.cli.options;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.engine.EngineSettings;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.engine.library.LibraryChoice.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;

/** Which native library runs the models, and how: options of every command that may load one. */
public final class EngineOptions {
    private static final String LIBRARY = "--llama-library";
    private static final String VARIANT = "--cpu-variant";
    private static final String GPU_LAYERS = "--gpu-layers";
    private static final String THREADS = "--engine-threads";
    private static final String CELLS = "--engine-cells";

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

    @Option(
            names = THREADS,
            paramLabel = "N",
            description = {
                "Run each model with N threads (default: 1). More help only where each has a processor to itself:",
                "threads that wait for each other spin."
            })
    private Integer threads;

    @Option(
            names = CELLS,
            paramLabel = "N",
            description = {
                "Hold N tokens in the memory of each context, a multiple of 256 (default: 8192). What was used least",
                "recently goes first, and is read again when it is needed; a text can be no longer than that."
            })
    private Integer cells;

    /** What was asked for; what was not comes from the system properties. */
    public LibraryChoice choice() {
        var standard = LibraryChoice.ofProperties();
        if (gpuLayers != null && gpuLayers < 0) {
            throw new CommandFailure(ExitCode.USAGE, GPU_LAYERS + " must be at least 0: was " + gpuLayers);
        }
        return new LibraryChoice(
                library == null ? standard.source() : Source.parse(library),
                Optional.ofNullable(variant).or(standard::cpuVariant),
                gpuLayers == null ? standard.gpuLayers() : gpuLayers);
    }

    /** What an engine may use, given what suits its model. */
    public UnaryOperator<EngineSettings> settings() {
        try {
            adapted(EngineSettings.DEFAULT);
        } catch (IllegalArgumentException unusable) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--" + unusable.getMessage().replace("engine.", "engine-"));
        }
        return this::adapted;
    }

    private EngineSettings adapted(EngineSettings suitable) {
        var settings = threads == null ? suitable : suitable.withThreads(threads);
        return cells == null ? settings : settings.withCells(cells);
    }

    /** The same, for another process. */
    public List<String> arguments() {
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
        if (threads != null) {
            arguments.addAll(List.of(THREADS, threads.toString()));
        }
        if (cells != null) {
            arguments.addAll(List.of(CELLS, cells.toString()));
        }
        return arguments;
    }
}
