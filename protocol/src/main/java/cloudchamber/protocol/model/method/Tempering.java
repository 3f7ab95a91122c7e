package cloudchamber.protocol.model.method;

/** How an entropic particle filter flattens a resampling, by frozen ids. */
public enum Tempering {
    /** Not at all. */
    NONE("none"),
    /** More, the smaller the effective sample size. */
    ESS("ess"),
    /** More, the smaller the entropy of the weights. */
    ENTROPY("entropy"),
    /** By the step alone. */
    BASE("base");

    private final String id;

    Tempering(String id) {
        this.id = id;
    }

    /** The name in JSON, on the command line and in events. */
    public String id() {
        return id;
    }
}
