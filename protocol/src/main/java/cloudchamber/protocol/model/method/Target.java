package cloudchamber.protocol.model.method;

/** The distribution a method samples, by its frozen id. */
public enum Target {
    /** p(x) · odds(r_final)^{1/T}. */
    FINAL("final"),
    /** p(x) · Π r_t. */
    PRODUCT("product"),
    /** p(x) · r_final^{1/T}. */
    FINAL_LOG("final-log"),
    /** What the paper's published code samples. */
    PAPER("paper"),
    /** What its_hub samples. */
    ITS_HUB("its-hub");

    private final String id;

    Target(String id) {
        this.id = id;
    }

    /** The name in JSON, on the command line and in events. */
    public String id() {
        return id;
    }
}
