package cloudchamber.protocol.model;

/** Whether a final answer ends a particle before the model ends it, by frozen ids. */
public enum EndAtAnswer {
    /** It does not: a particle ends at the end of the sequence or at a limit. */
    NEVER("never"),
    /** If the last line is nothing but the answer, and is over. */
    FINAL_LINE("final-line"),
    /** As soon as a marked answer stands anywhere in the text: the only rule until there were others. */
    AT_MARK("at-mark");

    /** The policy that comes with the program. */
    public static final String BUNDLED = "bundled";

    private final String id;

    EndAtAnswer(String id) {
        this.id = id;
    }

    /** The name in JSON, on the command line and in events. */
    public String id() {
        return id;
    }

    /**
     * The rule of a policy for which none is asked. The bundled policy was measured with {@link #AT_MARK} and writes its
     * answer in a line of its own, where {@link #FINAL_LINE} ends the same particles.
     */
    public static EndAtAnswer usual(String policy) {
        return policy.equals(BUNDLED) ? FINAL_LINE : NEVER;
    }
}
