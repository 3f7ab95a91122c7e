package cloudchamber.engine.binding;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import cloudchamber.engine.library.InstalledLibraries;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.engine.library.LibraryLocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A native library, opened at most once a process and never closed. Which one, and how, says a {@link
 * LibraryChoice}.
 *
 * <p>System properties, beside those of the choice: {@code cloudchamber.native.cache} names the folder the
 * bundled one is unpacked in; {@code cloudchamber.gomp} is {@code auto} (the default: the system's OpenMP
 * runtime, or our stand-in where there is none), {@code system} or {@code stand-in}.
 */
public final class NativeLibrary {
    /*
     * The order matters: the OpenMP runtime first, because the dynamic linker satisfies the library's need
     * for libgomp.so.1 by the name (soname) of what is already in the process; then the library; then its
     * log, because it prints by default; then the fingerprint, before any layout is trusted; then the
     * kernels, before any model is loaded.
     *
     * Two libraries in one process do not meet: the dynamic linker looks for their symbols in their own
     * files first. One library with two variants would: whichever came first would compute for both.
     */
    private static final String BUNDLED = "/de/kherud/llama/Linux/x86_64/libjllama.so";
    private static final String BUNDLED_VARIANT = "avx2";
    private static final List<String> BUNDLED_FLAGS = List.of("avx2", "fma", "f16c");
    private static final String STAND_IN = "/cloudchamber/engine/native/linux-x86_64/libgomp-stand-in.so";
    private static final List<String> GPU_KERNELS = List.of("libggml-cuda.so", "libggml-vulkan.so");

    private static final Map<Optional<Path>, NativeLibrary> OPENED = new HashMap<>();

    private final LibraryLayout layout;
    private final Functions functions;
    private final LibraryDescription description;
    private final LibraryChoice choice;

    private NativeLibrary(
            LibraryLayout layout, Functions functions, LibraryDescription description, LibraryChoice choice) {
        this.layout = layout;
        this.functions = functions;
        this.description = description;
        this.choice = choice;
    }

    /**
     * The library the system properties ask for; the first call opens it.
     *
     * @throws EngineException {@code LIBRARY_UNAVAILABLE} or {@code LIBRARY_UNKNOWN}
     */
    public static NativeLibrary get() {
        return get(LibraryChoice.ofProperties());
    }

    /**
     * The library that is asked for; the first call opens it.
     *
     * @throws EngineException {@code LIBRARY_UNAVAILABLE} or {@code LIBRARY_UNKNOWN}
     * @throws IllegalStateException if this process uses the same library in another way
     */
    public static synchronized NativeLibrary get(LibraryChoice choice) {
        var location = LibraryLocation.of(choice, InstalledLibraries.ofUser());
        var opened = OPENED.get(location.folder());
        if (opened == null) {
            opened = location.folder()
                    .map(folder -> open(folder, location.reason(), choice))
                    .orElseGet(() -> openBundled(location.reason(), choice));
            OPENED.put(location.folder(), opened);
        }
        if (!opened.choice.cpuVariant().equals(choice.cpuVariant())
                || opened.choice.gpuLayers() != choice.gpuLayers()) {
            throw new IllegalStateException(
                    "a process uses a library in one way only: had " + opened.choice + ", was asked for " + choice);
        }
        return opened;
    }

    private static NativeLibrary openBundled(String reason, LibraryChoice choice) {
        if (choice.gpuLayers() > 0) {
            throw unavailable("layers on a GPU need a library with GPU kernels: " + reason
                    + ", and the bundled one has none. See ./cloudchamber engine install");
        }
        if (choice.cpuVariant().isPresent() && !choice.cpuVariant().get().equals(BUNDLED_VARIANT)) {
            throw unavailable("the processor variant must be one of the library's own [" + BUNDLED_VARIANT + "]: was "
                    + choice.cpuVariant().get());
        }
        Machine.current().require(BUNDLED_FLAGS);
        var cache = LibraryCache.ofUser();
        byte[] bytes = resource(BUNDLED);
        var sha256 = LibraryCache.sha256(bytes);
        var layout = layoutOf(sha256, Optional.empty(), BUNDLED);
        var openMp = openMp(System.getProperty("cloudchamber.gomp", "auto"), cache);
        var file = cache.file("libjllama.so", bytes);
        var functions = new Functions(dlopen(file), layout);
        requireFingerprint(functions, layout);
        var description = new LibraryDescription(
                layout.build(),
                sha256,
                file,
                reason,
                BUNDLED_VARIANT,
                BUNDLED_VARIANT,
                List.of(BUNDLED_VARIANT),
                openMp,
                List.of());
        return new NativeLibrary(layout, functions, description, choice);
    }

    private static NativeLibrary open(Path folder, String reason, LibraryChoice choice) {
        var file = InstalledLibraries.libraryFile(folder);
        var sha256 = digest(folder, file);
        var symbols = dlopen(file);
        var layout = layoutOf(sha256, Functions.version(symbols), file.toString());
        var functions = new Functions(symbols, layout);
        requireFingerprint(functions, layout);
        var kernels = ProcessorKernels.in(folder);
        String variant = "built-in";
        String numerics = variant;
        if (!kernels.files().isEmpty()) {
            variant = kernels.choose(choice.cpuVariant());
            numerics = kernels.numericsVariant(variant);
            if (!functions.loadKernels(kernels.files().get(variant))) {
                throw unavailable("the native library must load the processor variant " + variant + ": said ["
                        + functions.takeError() + "]");
            }
        } else if (choice.cpuVariant().isPresent()) {
            throw unavailable(
                    "a processor variant needs a file of kernels beside the library: [" + folder + "] has none");
        }
        var gpus = choice.gpuLayers() > 0 ? gpus(functions, folder) : List.<String>of();
        var description = new LibraryDescription(
                layout.build(),
                sha256,
                file,
                reason,
                variant,
                gpus.isEmpty() ? numerics : "gpu-" + gpus.getFirst().replaceAll("[^A-Za-z0-9]+", "-"),
                kernels.usable(),
                OpenMpRuntime.NONE,
                gpus);
        return new NativeLibrary(layout, functions, description, choice);
    }

    /** Of the files that build the graph; the files of kernels have digests of their own. */
    private static String digest(Path folder, Path library) {
        try {
            var parts = new ArrayList<String>();
            parts.add(LibraryCache.sha256(Files.readAllBytes(library)));
            for (var name : List.of("libggml-base.so", "libggml-cpu.so")) {
                if (Files.isRegularFile(folder.resolve(name))) {
                    parts.add(LibraryCache.sha256(Files.readAllBytes(folder.resolve(name))));
                }
            }
            return parts.size() == 1
                    ? parts.getFirst()
                    : LibraryCache.sha256(String.join(" ", parts).getBytes());
        } catch (IOException unreadable) {
            throw unavailable("a library's files must be readable: was " + unreadable);
        }
    }

    private static List<String> gpus(Functions functions, Path folder) {
        GPU_KERNELS.stream()
                .flatMap(name -> Stream.of(
                        folder.resolve(name), folder.resolve("fallback").resolve(name)))
                .filter(Files::isRegularFile)
                .forEach(functions::loadKernels);
        var gpus = functions.gpus();
        if (gpus.isEmpty()) {
            throw unavailable("layers on a GPU need a GPU that the library in [" + folder
                    + "] can use: it finds none, said [" + functions.takeError() + "]");
        }
        return gpus;
    }

    /** The layout of a library file. */
    static LibraryLayout layoutOf(String sha256, Optional<String> version, String where) {
        return LibraryLayout.of(sha256, version)
                .orElseThrow(() -> new EngineException(
                        Category.LIBRARY_UNKNOWN,
                        "the native library must be of a release whose layout is known "
                                + LibraryLayout.known().stream()
                                        .map(LibraryLayout::build)
                                        .toList()
                                + ": was " + version.orElse("one that does not tell its version") + ", SHA-256 "
                                + sha256.substring(0, 12) + " (" + where + ")"));
    }

    private static byte[] resource(String name) {
        try (var stream = NativeLibrary.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw unavailable("the class path must hold " + name + ": does not");
            }
            return stream.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the class path must hold " + name, unreadable);
        }
    }

    private static OpenMpRuntime openMp(String choice, LibraryCache cache) {
        return switch (choice) {
            case "system" -> {
                dlopen(Path.of("libgomp.so.1"));
                yield OpenMpRuntime.SYSTEM;
            }
            case "stand-in" -> {
                dlopen(cache.file("libgomp.so.1", resource(STAND_IN)));
                yield OpenMpRuntime.STAND_IN;
            }
            case "auto" -> {
                try {
                    yield openMp("system", cache);
                } catch (EngineException none) {
                    yield openMp("stand-in", cache);
                }
            }
            default ->
                throw new IllegalArgumentException("cloudchamber.gomp must be auto, system or stand-in: was " + choice);
        };
    }

    @SuppressWarnings("restricted")
    private static SymbolLookup dlopen(Path file) {
        try {
            // By name, not by path: a bare name makes the dynamic linker search where it usually does.
            return SymbolLookup.libraryLookup(file.toString(), Arena.global());
        } catch (IllegalArgumentException refused) {
            throw new EngineException(
                    Category.LIBRARY_UNAVAILABLE,
                    "the dynamic linker must open " + file + ": " + refused.getMessage(),
                    refused);
        }
    }

    private static void requireFingerprint(Functions functions, LibraryLayout layout) {
        try (var arena = Arena.ofConfined()) {
            var context = layout.context().seen(functions.contextDefaultParams(arena));
            var model = layout.model().seen(functions.modelDefaultParams(arena));
            if (!context.equals(layout.context().expected())
                    || !model.equals(layout.model().expected())) {
                throw new EngineException(
                        Category.LIBRARY_UNKNOWN,
                        "the default parameters of " + layout.build() + " must be "
                                + layout.context().expected() + " and "
                                + layout.model().expected() + ": were " + context + " and " + model);
            }
        }
    }

    private static EngineException unavailable(String message) {
        return new EngineException(Category.LIBRARY_UNAVAILABLE, message);
    }

    /** What this library is. */
    public LibraryDescription description() {
        return description;
    }

    /** Layers of a model that go to a GPU; 0 for none. */
    int gpuLayers() {
        return choice.gpuLayers();
    }

    public LibraryLayout layout() {
        return layout;
    }

    Functions functions() {
        return functions;
    }
}
