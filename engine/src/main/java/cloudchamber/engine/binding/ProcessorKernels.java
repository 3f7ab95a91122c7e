package cloudchamber.engine.binding;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The files of kernels beside a library, one for each family of processors.
 *
 * @param files by the family's name
 */
record ProcessorKernels(Map<String, Path> files) {
    /*
     * Which bits a file computes is known for the files that were tried, by their SHA-256: all families with
     * AVX-512 agree with each other [1] and with nobody else. Any other file is a class of its own.
     *
     * Unless told otherwise, the family of AVX2 is used, also where better ones run [2]: nearly all machines
     * run it, so they all are of one numerics class; and it was as fast on a model of 135 M parameters, while
     * those with AVX-512 took six times as long on the bundled models: they handle 64 elements of a head at
     * once, and what is left over one by one.
     *
     * [1] held by a test, on machines that run more than one of them.
     * [2] a pinned one is always used, which large models may profit from.
     */
    private static final String COMMON = "haswell";

    private static final String PREFIX = "libggml-cpu-";
    private static final String SUFFIX = ".so";

    /** Families whose kernels compute the same bits, by the digest of their files. */
    private static final Map<String, String> CLASSES = Map.of(
            "df30b40a957175cd8e462e8838632dc51e3be7570b27b9526cb7a044263aeab3", "avx512",
            "44285a67a31a81a036a70c565d391b31145d835044c03c76cfaa2f90a9d57d42", "avx512",
            "97cace813fbf7b7a07c4793f6a75b8b2d3de256430620f0be4a15bd4372468ea", "avx512",
            "5eda284fd8986d550e21623b269dd31d02c07fc70121d3099609d5dde6b6847e", "avx512",
            "9b9c24aaa775fd38a6e1ff082549e50d4138d29f2e2883630b28ab70704ed896", "avx512",
            "d84208de33fdadb8921a1a1a34342f5eceb1e58b83648be68050f7557312bd3e", "avx512");

    static ProcessorKernels in(Path folder) {
        var found = new TreeMap<String, Path>();
        try (var files = Files.list(folder)) {
            files.forEach(file -> {
                var name = file.getFileName().toString();
                if (name.startsWith(PREFIX) && name.endsWith(SUFFIX)) {
                    found.put(name.substring(PREFIX.length(), name.length() - SUFFIX.length()), file);
                }
            });
        } catch (IOException unreadable) {
            throw new EngineException(
                    Category.LIBRARY_UNAVAILABLE, "a library's folder must be readable: was " + unreadable, unreadable);
        }
        return new ProcessorKernels(found);
    }

    /** The families this machine runs, the best first. */
    List<String> usable() {
        var scores = new TreeMap<String, Integer>();
        files.forEach((name, file) -> scores.put(name, score(file)));
        return scores.keySet().stream()
                .filter(name -> scores.get(name) > 0)
                .sorted(Comparator.comparing(scores::get, Comparator.reverseOrder()))
                .toList();
    }

    /**
     * The family to use: the pinned one, or the one most machines share, or the best.
     *
     * @throws EngineException {@code LIBRARY_UNAVAILABLE} if this machine does not run it
     */
    String choose(Optional<String> pinned) {
        var usable = usable();
        if (pinned.isEmpty()) {
            if (usable.isEmpty()) {
                throw new EngineException(
                        Category.LIBRARY_UNAVAILABLE,
                        "this machine must run one of the library's processor variants " + files.keySet()
                                + ": runs none");
            }
            return usable.contains(COMMON) ? COMMON : usable.getFirst();
        }
        if (!usable.contains(pinned.get())) {
            throw new EngineException(
                    Category.LIBRARY_UNAVAILABLE,
                    "the processor variant must be one this machine runs " + usable + ": was " + pinned.get());
        }
        return pinned.get();
    }

    /** The name of the bits a family's kernels compute: equal names, equal bits. */
    String numericsVariant(String family) {
        try {
            var sha256 = LibraryCache.sha256(Files.readAllBytes(files.get(family)));
            return CLASSES.getOrDefault(sha256, family + "-" + sha256.substring(0, 12));
        } catch (IOException unreadable) {
            throw new EngineException(
                    Category.LIBRARY_UNAVAILABLE, "a library's files must be readable: was " + unreadable, unreadable);
        }
    }

    /** How well these kernels suit this machine; 0 if it lacks their instructions. */
    @SuppressWarnings("restricted")
    private static int score(Path file) {
        try (var arena = Arena.ofConfined()) {
            var score = SymbolLookup.libraryLookup(file, arena).find("ggml_backend_score");
            return score.isEmpty()
                    ? 0
                    : (int) Linker.nativeLinker()
                            .downcallHandle(score.get(), FunctionDescriptor.of(JAVA_INT))
                            .invokeExact();
        } catch (IllegalArgumentException notOpened) {
            return 0;
        } catch (Throwable failure) {
            throw new IllegalStateException("a native call must not throw: threw " + failure, failure);
        }
    }
}
