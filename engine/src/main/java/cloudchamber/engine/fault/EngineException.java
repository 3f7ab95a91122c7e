package cloudchamber.engine.fault;

import java.util.Objects;

/**
 * Why a model could not be loaded or a request not be served. The message says what was expected,
 * what was seen and where; the {@link Category} says what can be done about it.
 */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The kinds of trouble. */
    public enum Category {
        /** There is no such file. */
        FILE_MISSING(false),
        /** The file is there but cannot be read. */
        FILE_UNREADABLE(false),
        /** The file is no GGUF file of a known version. */
        FILE_FOREIGN(false),
        /** The file ends before its own header says it does. */
        FILE_TRUNCATED(false),
        /** The file contradicts itself. */
        FILE_CORRUPT(false),
        /** A sound file of a model this engine does not run. */
        MODEL_UNSUPPORTED(false),
        /** The native library cannot be used on this machine. */
        LIBRARY_UNAVAILABLE(false),
        /** The native library is not a build whose layout is known. */
        LIBRARY_UNKNOWN(false),
        /** The request can never be served: a token outside the vocabulary, a position outside the text. */
        INVALID_REQUEST(false),
        /** The text is longer than the model's context. */
        CONTEXT_OVERFLOW(false),
        /** The queue of requests is full: try again later. */
        OVERLOADED(true),
        /** The engine is closed or closing. */
        CLOSED(true),
        /** The native library failed or computed something that cannot be. */
        BROKEN(true);

        private final boolean retryable;

        Category(boolean retryable) {
            this.retryable = retryable;
        }

        /** Whether another try, here or elsewhere, can succeed. */
        public boolean retryable() {
            return retryable;
        }
    }

    private final Category category;

    public EngineException(Category category, String message) {
        this(category, message, null);
    }

    public EngineException(Category category, String message, Throwable cause) {
        super(message, cause);
        this.category = Objects.requireNonNull(category, "category");
    }

    public Category category() {
        return category;
    }
}
