package cloudchamber.engine.binding;

/** The settings of a context under which logits do not depend on what shares the batch. */
public final class ExactMode {
    /** Tokens that the library computes together. */
    public static final int MICRO_BATCH_TOKENS = 32;

    private ExactMode() {}

    /** The settings that move bits, as one word. */
    static String settings() {
        return "flash-microbatch" + MICRO_BATCH_TOKENS + "-kv16";
    }
}
