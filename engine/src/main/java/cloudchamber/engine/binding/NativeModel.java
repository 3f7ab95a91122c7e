package cloudchamber.engine.binding;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Weights in memory and their vocabulary. Safe for use by several threads until it is closed; close it
 * after every context opened on it.
 */
public final class NativeModel implements AutoCloseable {
    private static final int PIECE_BYTES = 256;

    private final NativeLibrary library;
    private final MemorySegment handle;
    private final MemorySegment vocabulary;
    private final int vocabularySize;
    private boolean closed;

    private NativeModel(NativeLibrary library, MemorySegment handle) {
        this.library = library;
        this.handle = handle;
        this.vocabulary = library.functions().modelVocab(handle);
        this.vocabularySize = library.functions().vocabSize(vocabulary);
    }

    /**
     * Maps a GGUF file that was checked before. Tensors with values that are no numbers are refused.
     *
     * @throws EngineException {@code MODEL_UNSUPPORTED} with what the library said
     */
    public static NativeModel load(NativeLibrary library, Path file) {
        var functions = library.functions();
        var layout = library.layout();
        try (var arena = Arena.ofConfined()) {
            var parameters = functions.modelDefaultParams(arena);
            layout.loadModel().forEach((name, value) -> layout.model().set(parameters, name, value));
            layout.model().set(parameters, "n_gpu_layers", library.gpuLayers());
            functions.takeError();
            var handle = functions.modelLoadFromFile(
                    arena.allocateFrom(file.toAbsolutePath().toString()), parameters);
            if (handle.address() == 0) {
                throw new EngineException(
                        Category.MODEL_UNSUPPORTED,
                        "the native library must load the model: said [" + functions.takeError() + "] (" + file + ")");
            }
            return new NativeModel(library, handle);
        }
    }

    public int vocabularySize() {
        return vocabularySize;
    }

    /** The most tokens the model was trained to read. */
    public int contextTokens() {
        return library.functions().modelContextTrain(handle);
    }

    /** The token that begins a text, or -1 where the model has none. */
    public int beginningToken() {
        return library.functions().vocabBos(vocabulary);
    }

    /** Whether the model wants its texts to begin with {@link #beginningToken()}. */
    public boolean beginsTexts() {
        return library.functions().vocabAddBos(vocabulary);
    }

    /** Whether the token ends a generation. */
    public boolean ends(int token) {
        return library.functions().vocabIsEnd(vocabulary, Objects.checkIndex(token, vocabularySize));
    }

    /**
     * The tokens of a text, nothing added.
     *
     * @param utf8 well-formed UTF-8
     * @param parseSpecial whether the text of a control token means that token
     */
    public int[] tokenize(byte[] utf8, boolean parseSpecial) {
        var functions = library.functions();
        try (var arena = Arena.ofConfined()) {
            var text = arena.allocate(Math.max(1, utf8.length));
            MemorySegment.copy(utf8, 0, text, JAVA_BYTE, 0, utf8.length);
            int room = utf8.length + 8;
            var tokens = arena.allocate(JAVA_INT, room);
            int count = functions.tokenize(vocabulary, text, utf8.length, tokens, room, parseSpecial);
            if (count < 0) {
                room = -count;
                tokens = arena.allocate(JAVA_INT, room);
                count = functions.tokenize(vocabulary, text, utf8.length, tokens, room, parseSpecial);
            }
            return tokens.asSlice(0, (long) Integer.BYTES * count).toArray(JAVA_INT);
        }
    }

    /**
     * The bytes a token stands for.
     *
     * @param special whether control tokens are spelled out; otherwise they stand for nothing
     */
    public byte[] piece(int token, boolean special) {
        Objects.checkIndex(token, vocabularySize);
        var functions = library.functions();
        try (var arena = Arena.ofConfined()) {
            var bytes = arena.allocate(PIECE_BYTES);
            int length = functions.tokenToPiece(vocabulary, token, bytes, PIECE_BYTES, special);
            if (length < 0) {
                bytes = arena.allocate(-length);
                length = functions.tokenToPiece(vocabulary, token, bytes, -length, special);
            }
            return bytes.asSlice(0, length).toArray(JAVA_BYTE);
        }
    }

    /** The settings of its contexts that move bits, as one word. */
    public String numericsSettings() {
        return ExactMode.settings() + (library.gpuLayers() == 0 ? "" : "-gpu" + library.gpuLayers());
    }

    NativeLibrary library() {
        return library;
    }

    MemorySegment handle() {
        return handle;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            library.functions().modelFree(handle);
        }
    }
}
