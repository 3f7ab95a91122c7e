package cloudchamber.engine.binding;

import java.util.List;
import java.util.Optional;

/**
 * Where one build of the library keeps its parameters, as data: sizes and byte offsets of the structs
 * that cross over. They move between versions, so a build is known by its bytes alone.
 *
 * @param build the upstream release
 * @param sha256 of the library file, in hexadecimal
 * @param resource where the class path holds it
 * @param variant the processor family its kernels are compiled for
 * @param processorFlags what the processor must offer, as Linux spells it
 */
record LibraryLayout(
        String build,
        String sha256,
        String resource,
        String variant,
        List<String> processorFlags,
        ModelParameters model,
        ContextParameters context,
        Batch batch) {

    /** {@code llama_model_params}. */
    record ModelParameters(
            int sizeBytes, int gpuLayers, int splitMode, int mainGpu, int vocabOnly, int mmap, int mlock, int check) {}

    /** {@code llama_context_params}. */
    record ContextParameters(
            int sizeBytes,
            int contextCells,
            int batch,
            int microBatch,
            int sequences,
            int threads,
            int batchThreads,
            int yarnBetaFast,
            int yarnBetaSlow,
            int defragThreshold,
            int keyType,
            int valueType,
            int logitsAll,
            int offload,
            int flashAttention,
            int noPerformance) {}

    /** {@code llama_batch}. */
    record Batch(
            int sizeBytes,
            int count,
            int tokens,
            int embeddings,
            int positions,
            int sequenceCounts,
            int sequences,
            int outputs) {}

    private static final List<LibraryLayout> TABLE = List.of(new LibraryLayout(
            "b4916",
            "93276c536d00f037c37ed6ec1e55be9c828940f4a0af59af10a8f638a31bbc3c",
            "/de/kherud/llama/Linux/x86_64/libjllama.so",
            "avx2",
            List.of("avx2", "fma", "f16c"),
            new ModelParameters(64, 8, 12, 16, 56, 57, 58, 59),
            new ContextParameters(120, 0, 4, 8, 12, 16, 20, 52, 56, 64, 88, 92, 96, 98, 99, 100),
            new Batch(56, 0, 8, 16, 24, 32, 40, 48)));

    /** The builds whose layout is known. */
    static List<LibraryLayout> known() {
        return TABLE;
    }

    /** The layout of the library with these bytes. */
    static Optional<LibraryLayout> of(String sha256) {
        return TABLE.stream().filter(layout -> layout.sha256().equals(sha256)).findFirst();
    }
}
