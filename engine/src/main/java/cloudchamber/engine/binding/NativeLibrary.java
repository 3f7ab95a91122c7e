package cloudchamber.engine.binding;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The native library, opened once a process and never closed.
 *
 * <p>System properties: {@code cloudchamber.native.cache} names the folder it is unpacked in; {@code
 * cloudchamber.gomp} is {@code auto} (the default: the system's OpenMP runtime, or our stand-in where
 * there is none), {@code system} or {@code stand-in}.
 */
public final class NativeLibrary {
    /*
     * The order matters: the OpenMP runtime first, because the dynamic linker satisfies the library's need
     * for libgomp.so.1 by the name (soname) of what is already in the process; then the library; then its
     * log, because it prints by default; then the fingerprint, before any layout is trusted.
     */
    private static final String STAND_IN = "/cloudchamber/engine/native/linux-x86_64/libgomp-stand-in.so";

    private static NativeLibrary opened;

    private final LibraryLayout layout;
    private final OpenMpRuntime openMp;
    private final Functions functions;

    private NativeLibrary(LibraryLayout layout, OpenMpRuntime openMp, Functions functions) {
        this.layout = layout;
        this.openMp = openMp;
        this.functions = functions;
    }

    /**
     * The library of this process; the first call opens it.
     *
     * @throws EngineException {@code LIBRARY_UNAVAILABLE} or {@code LIBRARY_UNKNOWN}
     */
    public static synchronized NativeLibrary get() {
        if (opened == null) {
            opened = open(LibraryLayout.known().getFirst(), LibraryCache.ofUser());
        }
        return opened;
    }

    private static NativeLibrary open(LibraryLayout expected, LibraryCache cache) {
        Machine.current().require(expected.processorFlags());
        byte[] bytes = resource(expected.resource());
        var layout = layoutOf(bytes, expected.resource());
        var openMp = openMp(System.getProperty("cloudchamber.gomp", "auto"), cache);
        var symbols = dlopen(cache.file("libjllama.so", bytes));
        var functions = new Functions(symbols, layout);
        requireFingerprint(functions, layout);
        return new NativeLibrary(layout, openMp, functions);
    }

    /** The layout of a library file. */
    static LibraryLayout layoutOf(byte[] library, String where) {
        String sha256 = LibraryCache.sha256(library);
        return LibraryLayout.of(sha256)
                .orElseThrow(() -> new EngineException(
                        Category.LIBRARY_UNKNOWN,
                        "the native library must be a build whose layout is known ("
                                + String.join(
                                        ", ",
                                        LibraryLayout.known().stream()
                                                .map(known -> known.build() + " "
                                                        + known.sha256().substring(0, 12))
                                                .toList())
                                + "): was " + sha256.substring(0, 12) + " (" + where + ")"));
    }

    private static byte[] resource(String name) {
        try (var stream = NativeLibrary.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new EngineException(
                        Category.LIBRARY_UNAVAILABLE, "the class path must hold " + name + ": does not");
            }
            return stream.readAllBytes();
        } catch (IOException unreadable) {
            throw new EngineException(
                    Category.LIBRARY_UNAVAILABLE,
                    "the class path must hold " + name + ": was " + unreadable,
                    unreadable);
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
        var expected = new LinkedHashMap<String, Number>();
        var seen = new LinkedHashMap<String, Number>();
        try (var arena = Arena.ofConfined()) {
            var context = functions.contextDefaultParams(arena);
            var at = layout.context();
            expect(expected, seen, "n_ctx", 512, context.get(JAVA_INT, at.contextCells()));
            expect(expected, seen, "n_batch", 2048, context.get(JAVA_INT, at.batch()));
            expect(expected, seen, "n_ubatch", 512, context.get(JAVA_INT, at.microBatch()));
            expect(expected, seen, "n_seq_max", 1, context.get(JAVA_INT, at.sequences()));
            expect(expected, seen, "n_threads", 4, context.get(JAVA_INT, at.threads()));
            expect(expected, seen, "n_threads_batch", 4, context.get(JAVA_INT, at.batchThreads()));
            expect(expected, seen, "yarn_beta_fast", 32f, context.get(JAVA_FLOAT, at.yarnBetaFast()));
            expect(expected, seen, "yarn_beta_slow", 1f, context.get(JAVA_FLOAT, at.yarnBetaSlow()));
            expect(expected, seen, "defrag_thold", -1f, context.get(JAVA_FLOAT, at.defragThreshold()));
            expect(expected, seen, "type_k", 1, context.get(JAVA_INT, at.keyType()));
            expect(expected, seen, "type_v", 1, context.get(JAVA_INT, at.valueType()));
            expect(expected, seen, "logits_all", 0, truth(context.get(JAVA_BOOLEAN, at.logitsAll())));
            expect(expected, seen, "offload_kqv", 1, truth(context.get(JAVA_BOOLEAN, at.offload())));
            expect(expected, seen, "flash_attn", 0, truth(context.get(JAVA_BOOLEAN, at.flashAttention())));
            expect(expected, seen, "no_perf", 1, truth(context.get(JAVA_BOOLEAN, at.noPerformance())));
            var model = functions.modelDefaultParams(arena);
            expect(
                    expected,
                    seen,
                    "n_gpu_layers",
                    0,
                    model.get(JAVA_INT, layout.model().gpuLayers()));
            expect(
                    expected,
                    seen,
                    "split_mode",
                    1,
                    model.get(JAVA_INT, layout.model().splitMode()));
            expect(
                    expected,
                    seen,
                    "main_gpu",
                    0,
                    model.get(JAVA_INT, layout.model().mainGpu()));
            expect(
                    expected,
                    seen,
                    "vocab_only",
                    0,
                    truth(model.get(JAVA_BOOLEAN, layout.model().vocabOnly())));
            expect(
                    expected,
                    seen,
                    "use_mmap",
                    1,
                    truth(model.get(JAVA_BOOLEAN, layout.model().mmap())));
            expect(
                    expected,
                    seen,
                    "use_mlock",
                    0,
                    truth(model.get(JAVA_BOOLEAN, layout.model().mlock())));
            expect(
                    expected,
                    seen,
                    "check_tensors",
                    0,
                    truth(model.get(JAVA_BOOLEAN, layout.model().check())));
        }
        if (!expected.equals(seen)) {
            throw new EngineException(
                    Category.LIBRARY_UNKNOWN,
                    "the default parameters of " + layout.build() + " must be " + expected + ": were " + seen);
        }
    }

    private static void expect(
            Map<String, Number> expected, Map<String, Number> seen, String name, Number value, Number found) {
        expected.put(name, value);
        seen.put(name, found);
    }

    private static int truth(boolean value) {
        return value ? 1 : 0;
    }

    /** The build, with the first twelve digits of its SHA-256: names the bits its kernels compute. */
    public String build() {
        return layout.build() + "-" + layout.sha256().substring(0, 12);
    }

    /** The processor family the kernels are compiled for. */
    public String variant() {
        return layout.variant();
    }

    public OpenMpRuntime openMp() {
        return openMp;
    }

    LibraryLayout layout() {
        return layout;
    }

    Functions functions() {
        return functions;
    }
}
