package cloudchamber.protocol.model.method;

/** Where the score of a prefix comes from, by frozen ids. */
public enum PotentialSource {
    /** A process reward model. */
    PRM("prm"),
    /** The mean probability, geometric, that the policy gave to the tokens of the newest step; no PRM is asked. */
    SELF_CERTAINTY("self-certainty");

    private final String id;

    PotentialSource(String id) {
        this.id = id;
    }

    /** The name in JSON, on the command line and in events. */
    public String id() {
        return id;
    }
}
