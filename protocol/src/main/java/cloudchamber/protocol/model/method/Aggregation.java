package cloudchamber.protocol.model.method;

/** How the scores of a prefix's steps become one potential, by frozen ids. */
public enum Aggregation {
    /** The PRM's own score of the whole prefix. */
    MODEL("model"),
    /** The last step's score. */
    LAST("last"),
    /** The smallest step score. */
    MIN("min"),
    /** The product of the step probabilities. */
    PRODUCT("product"),
    /** The mean of the step probabilities. */
    MEAN("mean");

    private final String id;

    Aggregation(String id) {
        this.id = id;
    }

    /** The name in JSON, on the command line and in events. */
    public String id() {
        return id;
    }
}
