package cloudchamber.engine;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import java.util.concurrent.CompletionException;

/** How trouble in an engine is told to those who asked. */
public final class EngineRefusal {
    private EngineRefusal() {}

    /** The refusal for what an engine's future ended with. */
    public static Refusal of(Throwable failure) {
        var cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof EngineException trouble
                ? new Refusal(category(trouble.category()), trouble.getMessage())
                : new Refusal(Category.BACKEND_UNAVAILABLE, "the engine ended the request: " + cause);
    }

    private static Category category(EngineException.Category category) {
        return switch (category) {
            case INVALID_REQUEST -> Category.INVALID_REQUEST;
            case CONTEXT_OVERFLOW -> Category.CONTEXT_OVERFLOW;
            case OVERLOADED -> Category.OVERLOADED;
            case CLOSED -> Category.STOPPING;
            case BROKEN,
                    FILE_MISSING,
                    FILE_UNREADABLE,
                    FILE_FOREIGN,
                    FILE_TRUNCATED,
                    FILE_CORRUPT,
                    MODEL_UNSUPPORTED,
                    LIBRARY_UNAVAILABLE,
                    LIBRARY_UNKNOWN -> Category.BACKEND_UNAVAILABLE;
        };
    }
}
