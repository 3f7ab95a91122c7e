package cloudchamber.protocol.model.method;

/** How the reported answer is chosen from the weighted particles, by frozen ids. */
public enum Selection {
    /** The answer with the greatest posterior weight, equal answers counted together. */
    VOTE("vote"),
    /** The answer of the particle with the greatest weight. */
    ARGMAX("argmax"),
    /** The answer of a particle drawn by weight. */
    DRAW("draw"),
    /** The answer of the particle with the highest last score, as the paper's code does. */
    BEST_SCORE("best-score");

    private final String id;

    Selection(String id) {
        this.id = id;
    }

    /** The name in JSON, on the command line and in events. */
    public String id() {
        return id;
    }
}
