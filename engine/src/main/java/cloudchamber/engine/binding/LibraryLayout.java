package cloudchamber.engine.binding;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How one release of the library is spoken to, as data: its structs, the names of its memory functions,
 * and what makes its logits exact. All of it moves between releases.
 *
 * @param build the upstream release
 * @param identity how a library file is known to be of this release
 * @param memoryFunctions what the names of the functions on key-value cells begin with
 * @param hasMemoryHandle whether those functions take the context's memory, not the context
 * @param exactContext context parameters that make the logits of a text independent of its company
 * @param processorOnly context parameters that keep all work on the processor
 * @param loadModel model parameters: the file is mapped and its tensors are checked
 * @param padsLoneTokens whether, with several threads, a micro-batch of one token must be given a second
 *     one to be exact
 */
public record LibraryLayout(
        String build,
        Identity identity,
        Struct model,
        Struct context,
        Batch batch,
        String memoryFunctions,
        boolean hasMemoryHandle,
        Map<String, Integer> exactContext,
        Map<String, Integer> processorOnly,
        Map<String, Integer> loadModel,
        boolean padsLoneTokens) {

    /** How a library file is known. */
    sealed interface Identity {
        /** It does not tell its version: by its bytes alone. */
        record Bytes(String sha256) implements Identity {}

        /** By what {@code llama_version()} answers. */
        record Version(String version) implements Identity {}
    }

    /** {@code llama_batch}: size and offsets in bytes. */
    record Batch(
            int sizeBytes,
            int count,
            int tokens,
            int embeddings,
            int positions,
            int sequenceCounts,
            int sequences,
            int outputs) {}

    private static final Batch BATCH = new Batch(56, 0, 8, 16, 24, 32, 40, 48);
    private static final int TYPE_F16 = 1;

    /** What the Maven package holds. */
    static final LibraryLayout B4916 = new LibraryLayout(
            "b4916",
            new Identity.Bytes("93276c536d00f037c37ed6ec1e55be9c828940f4a0af59af10a8f638a31bbc3c"),
            Struct.ofBytes(64)
                    .whole("n_gpu_layers", 8, 0)
                    .whole("split_mode", 12, 1)
                    .whole("main_gpu", 16, 0)
                    .truth("vocab_only", 56, false)
                    .truth("use_mmap", 57, true)
                    .truth("use_mlock", 58, false)
                    .truth("check_tensors", 59, false),
            Struct.ofBytes(120)
                    .whole("n_ctx", 0, 512)
                    .whole("n_batch", 4, 2048)
                    .whole("n_ubatch", 8, 512)
                    .whole("n_seq_max", 12, 1)
                    .whole("n_threads", 16, 4)
                    .whole("n_threads_batch", 20, 4)
                    .real("yarn_beta_fast", 52, 32)
                    .real("yarn_beta_slow", 56, 1)
                    .real("defrag_thold", 64, -1)
                    .whole("type_k", 88, TYPE_F16)
                    .whole("type_v", 92, TYPE_F16)
                    .truth("logits_all", 96, false)
                    .truth("offload_kqv", 98, true)
                    .truth("flash_attn", 99, false)
                    .truth("no_perf", 100, true),
            BATCH,
            "llama_kv_self_",
            false,
            Map.of("flash_attn", 1, "type_k", TYPE_F16, "type_v", TYPE_F16),
            Map.of(),
            Map.of("use_mmap", 1, "check_tensors", 1),
            false);

    /** What the npm packages hold. */
    static final LibraryLayout V0_5_0 = new LibraryLayout(
            "v0.5.0",
            new Identity.Version("0.5.0-dev"),
            Struct.ofBytes(80)
                    .whole("n_gpu_layers", 16, -1)
                    .whole("split_mode", 20, 1)
                    .whole("load_mode", 24, -1)
                    .whole("lazy_mode", 28, 1)
                    .whole("main_gpu", 32, 0)
                    .truth("vocab_only", 72, false)
                    .truth("check_tensors", 73, false)
                    .truth("use_extra_bufts", 74, true)
                    .truth("no_host", 75, false)
                    .truth("no_alloc", 76, false)
                    .truth("load_mtp", 77, false),
            Struct.ofBytes(160)
                    .whole("n_ctx", 0, 512)
                    .whole("n_batch", 4, 2048)
                    .whole("n_ubatch", 8, 512)
                    .whole("n_seq_max", 12, 1)
                    .whole("n_outputs_max", 20, 0)
                    .whole("n_threads", 28, 4)
                    .whole("n_threads_batch", 32, 4)
                    .whole("flash_attn_type", 52, -1)
                    .real("yarn_beta_fast", 72, -1)
                    .real("yarn_beta_slow", 76, -1)
                    .real("defrag_thold", 84, -1)
                    .whole("type_k", 104, TYPE_F16)
                    .whole("type_v", 108, TYPE_F16)
                    .truth("embeddings", 128, false)
                    .truth("offload_kqv", 129, true)
                    .truth("no_perf", 130, true)
                    .truth("op_offload", 131, true)
                    .truth("swa_full", 132, true)
                    .truth("kv_unified", 133, false),
            BATCH,
            "llama_memory_",
            true,
            Map.of("flash_attn_type", 1, "kv_unified", 1, "type_k", TYPE_F16, "type_v", TYPE_F16),
            Map.of("offload_kqv", 0, "op_offload", 0),
            Map.of("load_mode", 1, "check_tensors", 1),
            true);

    /** The releases that are known. */
    static List<LibraryLayout> known() {
        return List.of(B4916, V0_5_0);
    }

    /**
     * The layout of a library file.
     *
     * @param version what it answers when asked; empty if it cannot be asked
     */
    static Optional<LibraryLayout> of(String sha256, Optional<String> version) {
        return known().stream()
                .filter(layout -> switch (layout.identity()) {
                    case Identity.Bytes(String bytes) -> bytes.equals(sha256);
                    case Identity.Version(String own) -> version.equals(Optional.of(own));
                })
                .findFirst();
    }
}
