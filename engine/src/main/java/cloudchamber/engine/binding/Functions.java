package cloudchamber.engine.binding;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The functions of the library, one method each, with the names and argument order of {@code llama.h}.
 * Nothing is checked here.
 */
@SuppressWarnings("restricted")
final class Functions {
    /*
     * Structs cross by value. All are larger than two registers, so the calling convention copies them
     * through memory and only their size and alignment matter to the linker. Of llama_perf_context_data the
     * beginning is the same in all releases, and more room than it needs does no harm.
     */
    private static final Struct PERFORMANCE = Struct.ofBytes(64);
    private static final int PROMPT_TOKENS_OFFSET = 32;
    private static final int LONE_TOKENS_OFFSET = 36;
    private static final int GPU = 1;
    private static final int INTEGRATED_GPU = 2;

    private final SymbolLookup symbols;
    private final NativeLog log;

    private final MethodHandle modelDefaultParams;
    private final MethodHandle contextDefaultParams;
    private final MethodHandle modelLoadFromFile;
    private final MethodHandle modelFree;
    private final MethodHandle modelVocab;
    private final MethodHandle modelContextTrain;
    private final MethodHandle initFromModel;
    private final MethodHandle contextFree;
    private final MethodHandle decode;
    private final MethodHandle logitsIth;
    private final MethodHandle sequenceCopy;
    private final MethodHandle sequenceRemove;
    private final MethodHandle cacheClear;
    private final MethodHandle cacheOfContext;
    private final Optional<MethodHandle> usedCells;
    private final MethodHandle performance;
    private final MethodHandle synchronize;
    private final MethodHandle stateSize;
    private final MethodHandle stateGet;
    private final MethodHandle stateSet;
    private final MethodHandle vocabSize;
    private final MethodHandle vocabBos;
    private final MethodHandle vocabAddBos;
    private final MethodHandle vocabIsEnd;
    private final MethodHandle tokenize;
    private final MethodHandle tokenToPiece;

    Functions(SymbolLookup symbols, LibraryLayout layout) {
        this.symbols = symbols;
        var modelParameters = layout.model().layout();
        var contextParameters = layout.context().layout();
        var batch = Struct.ofBytes(layout.batch().sizeBytes()).layout();
        var memory = layout.memoryFunctions();

        this.log = new NativeLog();
        call(function("llama_log_set", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS)), logReceiver());
        modelDefaultParams = function("llama_model_default_params", FunctionDescriptor.of(modelParameters));
        contextDefaultParams = function("llama_context_default_params", FunctionDescriptor.of(contextParameters));
        modelLoadFromFile =
                function("llama_model_load_from_file", FunctionDescriptor.of(ADDRESS, ADDRESS, modelParameters));
        modelFree = function("llama_model_free", FunctionDescriptor.ofVoid(ADDRESS));
        modelVocab = function("llama_model_get_vocab", FunctionDescriptor.of(ADDRESS, ADDRESS));
        modelContextTrain = function("llama_model_n_ctx_train", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        initFromModel = function("llama_init_from_model", FunctionDescriptor.of(ADDRESS, ADDRESS, contextParameters));
        contextFree = function("llama_free", FunctionDescriptor.ofVoid(ADDRESS));
        decode = function("llama_decode", FunctionDescriptor.of(JAVA_INT, ADDRESS, batch));
        logitsIth = function("llama_get_logits_ith", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
        sequenceCopy =
                function(memory + "seq_cp", FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
        sequenceRemove =
                function(memory + "seq_rm", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT));
        cacheClear = layout.hasMemoryHandle()
                ? MethodHandles.insertArguments(
                        function(memory + "clear", FunctionDescriptor.ofVoid(ADDRESS, JAVA_BOOLEAN)), 1, false)
                : function(memory + "clear", FunctionDescriptor.ofVoid(ADDRESS));
        cacheOfContext = layout.hasMemoryHandle()
                ? function("llama_get_memory", FunctionDescriptor.of(ADDRESS, ADDRESS))
                : MethodHandles.identity(MemorySegment.class);
        usedCells = symbols.find(memory + "used_cells")
                .map(address ->
                        Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(JAVA_INT, ADDRESS)));
        synchronize = function("llama_synchronize", FunctionDescriptor.ofVoid(ADDRESS));
        performance = function("llama_perf_context", FunctionDescriptor.of(PERFORMANCE.layout(), ADDRESS));
        stateSize = function("llama_state_seq_get_size", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT));
        stateGet = function(
                "llama_state_seq_get_data", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));
        stateSet = function(
                "llama_state_seq_set_data", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));
        vocabSize = function("llama_vocab_n_tokens", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        vocabBos = function("llama_vocab_bos", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        vocabAddBos = function("llama_vocab_get_add_bos", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
        vocabIsEnd = function("llama_vocab_is_eog", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, JAVA_INT));
        tokenize = function(
                "llama_tokenize",
                FunctionDescriptor.of(
                        JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_BOOLEAN, JAVA_BOOLEAN));
        tokenToPiece = function(
                "llama_token_to_piece",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_BOOLEAN));
        call(function("llama_backend_init", FunctionDescriptor.ofVoid()));
    }

    private MethodHandle function(String name, FunctionDescriptor descriptor) {
        var address = symbols.find(name)
                .orElseThrow(() -> new EngineException(
                        Category.LIBRARY_UNKNOWN, "the native library must export " + name + ": does not"));
        return Linker.nativeLinker().downcallHandle(address, descriptor);
    }

    private MemorySegment logReceiver() {
        try {
            var receive = MethodHandles.lookup()
                    .findVirtual(
                            NativeLog.class,
                            "receive",
                            MethodType.methodType(void.class, int.class, MemorySegment.class, MemorySegment.class))
                    .bindTo(log);
            return Linker.nativeLinker()
                    .upcallStub(receive, FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS), Arena.global());
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException("the log's method exists", impossible);
        }
    }

    private static void call(MethodHandle function) {
        try {
            function.invokeExact();
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    private static void call(MethodHandle function, MemorySegment callback) {
        try {
            function.invokeExact(callback, MemorySegment.NULL);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    /** A native call throws nothing of its own: what arrives here is a mistake in a signature. */
    private static IllegalStateException broken(Throwable failure) {
        return new IllegalStateException("a native call must not throw: threw " + failure, failure);
    }

    /** What the library said first at error level since the last call; empty if it said nothing. */
    String takeError() {
        return log.takeError();
    }

    MemorySegment modelDefaultParams(SegmentAllocator allocator) {
        try {
            return (MemorySegment) modelDefaultParams.invokeExact(allocator);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    MemorySegment contextDefaultParams(SegmentAllocator allocator) {
        try {
            return (MemorySegment) contextDefaultParams.invokeExact(allocator);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    MemorySegment modelLoadFromFile(MemorySegment path, MemorySegment parameters) {
        try {
            return (MemorySegment) modelLoadFromFile.invokeExact(path, parameters);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    void modelFree(MemorySegment model) {
        try {
            modelFree.invokeExact(model);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    MemorySegment modelVocab(MemorySegment model) {
        try {
            return (MemorySegment) modelVocab.invokeExact(model);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    int modelContextTrain(MemorySegment model) {
        try {
            return (int) modelContextTrain.invokeExact(model);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    MemorySegment initFromModel(MemorySegment model, MemorySegment parameters) {
        try {
            return (MemorySegment) initFromModel.invokeExact(model, parameters);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    void contextFree(MemorySegment context) {
        try {
            contextFree.invokeExact(context);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    int decode(MemorySegment context, MemorySegment batch) {
        try {
            return (int) decode.invokeExact(context, batch);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    /** The row of logits of batch entry {@code index}, {@code sizeBytes} long; {@code NULL} if it has none. */
    MemorySegment logitsIth(MemorySegment context, int index, long sizeBytes) {
        try {
            var row = (MemorySegment) logitsIth.invokeExact(context, index);
            return row.address() == 0 ? MemorySegment.NULL : row.reinterpret(sizeBytes);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    void sequenceCopy(MemorySegment context, int source, int target, int from, int to) {
        try {
            sequenceCopy.invokeExact(context, source, target, from, to);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    boolean sequenceRemove(MemorySegment context, int sequence, int from, int to) {
        try {
            return (boolean) sequenceRemove.invokeExact(context, sequence, from, to);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    void cacheClear(MemorySegment context) {
        try {
            cacheClear.invokeExact(context);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    /** What the functions on key-value cells take for this context. */
    MemorySegment cacheOfContext(MemorySegment context) {
        try {
            return (MemorySegment) cacheOfContext.invokeExact(context);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    /** The library's count of the cells in use; empty where a release does not tell it. */
    OptionalInt usedCells(MemorySegment cache) {
        try {
            return usedCells.isEmpty()
                    ? OptionalInt.empty()
                    : OptionalInt.of((int) usedCells.get().invokeExact(cache));
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    /** What the library says it has decoded in a context: tokens in company, and tokens alone; 1 also means 0. */
    int[] decodedTokens(MemorySegment context) {
        try (var arena = Arena.ofConfined()) {
            synchronize.invokeExact(context);
            var counts = (MemorySegment) performance.invokeExact((SegmentAllocator) arena, context);
            return new int[] {counts.get(JAVA_INT, PROMPT_TOKENS_OFFSET), counts.get(JAVA_INT, LONE_TOKENS_OFFSET)};
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    /** What the library calls itself; empty if it does not tell. */
    static Optional<String> version(SymbolLookup symbols) {
        return symbols.find("llama_version").map(address -> {
            var version = Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(ADDRESS));
            try {
                return ((MemorySegment) version.invokeExact())
                        .reinterpret(Long.MAX_VALUE)
                        .getString(0);
            } catch (Throwable failure) {
                throw broken(failure);
            }
        });
    }

    /** Opens a file of kernels; false if the library refuses it. */
    boolean loadKernels(Path file) {
        var load = function("ggml_backend_load", FunctionDescriptor.of(ADDRESS, ADDRESS));
        try (var arena = Arena.ofConfined()) {
            return ((MemorySegment) load.invokeExact(arena.allocateFrom(file.toString()))).address() != 0;
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    /** The names of the GPUs the loaded kernels can use. */
    List<String> gpus() {
        var count = function("ggml_backend_dev_count", FunctionDescriptor.of(JAVA_LONG));
        var device = function("ggml_backend_dev_get", FunctionDescriptor.of(ADDRESS, JAVA_LONG));
        var type = function("ggml_backend_dev_type", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        var description = function("ggml_backend_dev_description", FunctionDescriptor.of(ADDRESS, ADDRESS));
        var gpus = new ArrayList<String>();
        try {
            for (long index = 0; index < (long) count.invokeExact(); index++) {
                var one = (MemorySegment) device.invokeExact(index);
                int kind = (int) type.invokeExact(one);
                if (kind == GPU || kind == INTEGRATED_GPU) {
                    gpus.add(((MemorySegment) description.invokeExact(one))
                            .reinterpret(Long.MAX_VALUE)
                            .getString(0));
                }
            }
            return gpus;
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    long stateSize(MemorySegment context, int sequence) {
        try {
            return (long) stateSize.invokeExact(context, sequence);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    long stateGet(MemorySegment context, MemorySegment target, int sequence) {
        try {
            return (long) stateGet.invokeExact(context, target, target.byteSize(), sequence);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    long stateSet(MemorySegment context, MemorySegment source, int sequence) {
        try {
            return (long) stateSet.invokeExact(context, source, source.byteSize(), sequence);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    int vocabSize(MemorySegment vocab) {
        try {
            return (int) vocabSize.invokeExact(vocab);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    int vocabBos(MemorySegment vocab) {
        try {
            return (int) vocabBos.invokeExact(vocab);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    boolean vocabAddBos(MemorySegment vocab) {
        try {
            return (boolean) vocabAddBos.invokeExact(vocab);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    boolean vocabIsEnd(MemorySegment vocab, int token) {
        try {
            return (boolean) vocabIsEnd.invokeExact(vocab, token);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    int tokenize(MemorySegment vocab, MemorySegment text, int length, MemorySegment tokens, int room, boolean parse) {
        try {
            return (int) tokenize.invokeExact(vocab, text, length, tokens, room, false, parse);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }

    int tokenToPiece(MemorySegment vocab, int token, MemorySegment target, int room, boolean special) {
        try {
            return (int) tokenToPiece.invokeExact(vocab, token, target, room, 0, special);
        } catch (Throwable failure) {
            throw broken(failure);
        }
    }
}
