package cloudchamber.engine;

import cloudchamber.engine.binding.LibraryDescription;
import cloudchamber.engine.binding.NativeContext;
import cloudchamber.engine.binding.NativeLibrary;
import cloudchamber.engine.binding.NativeModel;
import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import cloudchamber.engine.gguf.GgufFile;
import cloudchamber.engine.gguf.ModelHeader;
import cloudchamber.engine.gguf.TensorType;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.NumericsClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A language model in memory, mapped from a GGUF file. Immutable and safe for use by several threads;
 * several engines may run on one model. Close it after they are closed.
 */
public final class Model implements AutoCloseable {
    /*
     * Attention looks at every cell in use of a context. For the bundled policy (0.75 M parameters, 4 layers
     * of 4 heads) 2,500 cells cost about as much as all the rest of a token, so it gets several contexts, and
     * idle texts go early: on populations of 4 x 16 particles that made it twice as fast. The rest of a token
     * grows with the parameters, the cost of a cell with layers times heads; the divisor was found by trial
     * on that model.
     */
    private static final long SMALL_PARAMETERS = 20_000_000;
    private static final int SMALL_CONTEXTS = 4;
    private static final int IDLE_DIVISOR = 50;
    private static final long LEAST_IDLE_TOKENS = 1000;

    private static final int BUFFER_BYTES = 1 << 20;
    private static final Set<TensorType> PROVEN_TYPES = Set.of(TensorType.Q8_0);

    private final Path file;
    private final String sha256;
    private final ModelHeader header;
    private final NativeModel weights;
    private final Tokenizer tokenizer;
    private final NumericsClass numericsClass;
    private final NativeLibrary library;
    private int contexts;
    private boolean closed;

    private Model(Path file, String sha256, ModelHeader header, NativeModel weights, NativeLibrary library) {
        this.file = file;
        this.sha256 = sha256;
        this.header = header;
        this.weights = weights;
        this.tokenizer = new Tokenizer(weights);
        this.library = library;
        var description = library.description();
        this.numericsClass = new NumericsClass(
                description.build(), description.numericsVariant(), sha256, weights.numericsSettings());
    }

    /**
     * Loads a model with the library the system properties ask for. The file must not be changed while it is
     * in use: it stays mapped.
     *
     * @throws EngineException with the category of what is wrong with the file or the native library
     */
    public static Model load(Path file) {
        return load(file, LibraryChoice.ofProperties());
    }

    /** Loads a model with another library. */
    public static Model load(Path file, LibraryChoice choice) {
        var header = ModelHeader.of(GgufFile.read(file));
        var library = NativeLibrary.get(choice);
        return new Model(file, sha256(file), header, NativeModel.load(library, file), library);
    }

    private static String sha256(Path file) {
        try (var stream = new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            var buffer = new byte[BUFFER_BYTES];
            int read;
            do {
                read = stream.read(buffer);
            } while (read >= 0);
            return HexFormat.of().formatHex(stream.getMessageDigest().digest());
        } catch (IOException unreadable) {
            throw new EngineException(
                    Category.FILE_UNREADABLE,
                    "a model file must be readable: was " + unreadable.getMessage() + " (" + file + ")",
                    unreadable);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    public Path file() {
        return file;
    }

    /** SHA-256 of the file, in hexadecimal. */
    public String sha256() {
        return sha256;
    }

    /** The model's family, as GGUF names it. */
    public String architecture() {
        return header.architecture();
    }

    /** The most tokens the model was trained to read. */
    public int contextTokens() {
        return header.contextTokens();
    }

    /** The elements of all tensors. */
    public long parameters() {
        return header.parameters();
    }

    public int layers() {
        return header.layers();
    }

    /** The heads of attention in each layer. */
    public int heads() {
        return header.heads();
    }

    /** The memory one token of one text takes, in bytes; texts with a common beginning share its tokens. */
    public long bytesPerToken() {
        return header.cacheBytesPerToken();
    }

    /** The element type that holds most of the weights. */
    public TensorType weightType() {
        return header.weights();
    }

    /** Whether the bits of a text are known not to depend on its company. */
    public enum Exactness {
        /** Held by tests for weights of this type. */
        PROVEN("proven"),
        /** Not tried for weights of this type, or not on a GPU. */
        UNPROVEN("unproven");

        private final String id;

        Exactness(String id) {
            this.id = id;
        }

        /** As printed. */
        public String id() {
            return id;
        }
    }

    /** Whether exact mode is proven for this model on this library. */
    public Exactness exactness() {
        return PROVEN_TYPES.contains(header.weights())
                        && library.description().gpus().isEmpty()
                ? Exactness.PROVEN
                : Exactness.UNPROVEN;
    }

    /** The engine settings that suit the model, on one core. */
    public EngineSettings suitableSettings() {
        long cellWork = IDLE_DIVISOR * (long) layers() * heads();
        int idleTokens = (int) Math.clamp(parameters() / cellWork, LEAST_IDLE_TOKENS, Integer.MAX_VALUE);
        return EngineSettings.DEFAULT
                .withContexts(parameters() < SMALL_PARAMETERS ? SMALL_CONTEXTS : 1)
                .withIdleTokens(idleTokens);
    }

    /** The file's metadata that is no array, as text, by key; the spelling of the tokens that begin and end a text added. */
    public Map<String, String> metadata() {
        var metadata = new HashMap<>(header.texts());
        for (var key : List.of(ChatTemplate.BEGINNING_KEY, ChatTemplate.END_KEY)) {
            var token = metadata.get(key + "_id");
            if (token != null && Integer.parseInt(token) >= 0 && Integer.parseInt(token) < tokenizer.vocabularySize()) {
                metadata.putIfAbsent(key, tokenizer.spelling(Integer.parseInt(token)));
            }
        }
        return metadata;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Which bits this model computes here. */
    public NumericsClass numericsClass() {
        return numericsClass;
    }

    /** The native library that runs this model. */
    public LibraryDescription library() {
        return library.description();
    }

    /** A context for an engine that runs on this model. */
    synchronized NativeContext open(EngineSettings settings) {
        if (closed) {
            throw new EngineException(Category.CLOSED, "an engine needs an open model: was closed (" + file + ")");
        }
        var context = new NativeContext(
                weights, settings.cells(), settings.sequences(), settings.batchTokens(), settings.threads());
        contexts++;
        return context;
    }

    synchronized void release(NativeContext context) {
        context.close();
        contexts--;
    }

    /**
     * Gives the memory back.
     *
     * @throws IllegalStateException if an engine still runs on this model
     */
    @Override
    public synchronized void close() {
        if (contexts > 0) {
            throw new IllegalStateException(
                    "a model must be closed after its engines: " + contexts + " contexts are open (" + file + ")");
        }
        if (!closed) {
            closed = true;
            weights.close();
        }
    }
}
